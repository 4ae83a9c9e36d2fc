package main

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The methods that are called.
const (
	recommend       = "/composure.v1.RecommendationService/Recommend"
	stream          = "/composure.v1.RecommendationService/StreamRecommendations"
	getConversation = "/composure.v1.ConversationService/GetConversation"
)

// A message of proto/composure/v1, field by field: no code to generate for the few fields that matter here.
type message []byte

func (m message) text(field protowire.Number, value string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), value)
}

func (m message) number(field protowire.Number, value uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), value)
}

func (m message) double(field protowire.Number, value float64) message {
	return protowire.AppendFixed64(protowire.AppendTag(m, field, protowire.Fixed64Type), math.Float64bits(value))
}

func (m message) part(field protowire.Number, value message) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), value)
}

// A field as it was found; of one that is not there, nothing and 0.
type field struct {
	bytes  message
	number uint64
	there  bool
}

// What stands at the end of a path of fields.
func (m message) at(path ...protowire.Number) field {
	found := field{bytes: m}
	for _, number := range path {
		found = found.bytes.last(number)
	}
	return found
}

func (m message) last(wanted protowire.Number) (found field) {
	for len(m) > 0 {
		number, kind, length := protowire.ConsumeTag(m)
		must(protowire.ParseError(length))
		m = m[length:]
		value := field{there: true}
		switch kind {
		case protowire.VarintType:
			value.number, length = protowire.ConsumeVarint(m)
		case protowire.BytesType:
			value.bytes, length = protowire.ConsumeBytes(m)
		default:
			length = protowire.ConsumeFieldValue(number, kind, m)
		}
		must(protowire.ParseError(length))
		m = m[length:]
		if number == wanted {
			found = value
		}
	}
	return found
}

// RecommendRequest{signals: [{name: "anger", level: 0.75}]}
func anger() message {
	return message(nil).part(8, message(nil).text(1, "anger").double(2, 0.75))
}

// The same in a conversation that is held, with a promise that no other turn has, so that each turn gives another answer.
func turnIn(conversation, request string, due time.Time) message {
	time := message(nil).number(1, uint64(due.Unix())).number(2, uint64(due.Nanosecond()))
	promise := message(nil).text(1, "call_back").part(2, time)
	return anger().text(1, request).part(13, promise).text(19, conversation)
}

// It with the `state` of the answer before.
func (m message) carrying(state message) message {
	return append(m[:len(m):len(m)], message(nil).part(2, state)...)
}

// What counts in a RecommendResponse.
type answer struct{ message }

func (a answer) turn() uint64   { return a.at(3).number }
func (a answer) state() message { return a.at(22).bytes }
func (a answer) degraded() bool { return a.at(23).number == 1 }

// StreamRecommendationsRequest{subscribe: {…}}
func subscribe(conversation string, after uint64) message {
	wish := message(nil).text(1, conversation)
	if after > 0 {
		wish = wish.number(9, after)
	}
	return message(nil).part(1, wish)
}

// Bytes as they are.
type raw struct{}

func (raw) Name() string                  { return "proto" }
func (raw) Marshal(v any) ([]byte, error) { return *v.(*message), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*message) = data
	return nil
}
