package main

import (
	"context"
	"io"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

const (
	screenCount = 6
	// On how many of them a conversation is shown.
	shownOn = 3
	// A stream on which nothing has come for so long is broken.
	silence = 45 * time.Second
	// Before another one is opened where the last one brought nothing.
	pause = 100 * time.Millisecond
)

// Somebody who watches conversations on a stream, and opens another one whenever it ends.
type screen struct {
	client *grpc.ClientConn
	tally  *tally

	sync.Mutex
	// By the id of the conversation.
	shows map[string]*shown
}

// What a screen shows of a conversation.
type shown struct {
	// Of the last snapshot that the store vouches for.
	sequence uint64
	// Whether what is shown is that one.
	vouched bool
	turn    uint64
	// Turns that were acknowledged and are not shown yet, and since when.
	awaited []awaited
}

type awaited struct {
	turn  uint64
	since time.Time
}

func screens(client *grpc.ClientConn, counted *tally, all []*conversation) (found []*screen) {
	for range screenCount {
		found = append(found, &screen{client: client, tally: counted, shows: map[string]*shown{}})
	}
	for number, conversation := range all {
		for next := range shownOn {
			screen := found[(number+next)%screenCount]
			screen.shows[conversation.id] = &shown{}
			conversation.screens = append(conversation.screens, screen)
		}
	}
	return found
}

// A turn was acknowledged.
func (s *screen) expect(conversation string, turn uint64, anew bool) {
	s.Lock()
	defer s.Unlock()
	shown := s.shows[conversation]
	if anew {
		shown.awaited = nil
	}
	if shown.turn < turn {
		shown.awaited = append(shown.awaited, awaited{turn, time.Now()})
	}
}

func (s *screen) showsTurn(conversation string, turn uint64) bool {
	s.Lock()
	defer s.Unlock()
	return s.shows[conversation].turn == turn
}

// For how long the longest has been waiting.
func noteStale(counted *tally, all []*conversation) {
	for _, conversation := range all {
		for _, screen := range conversation.screens {
			screen.Lock()
			for _, awaited := range screen.shows[conversation.id].awaited {
				counted.stale(time.Since(awaited.since))
			}
			screen.Unlock()
		}
	}
}

func (t *tally) stale(waited time.Duration) {
	t.note(func(held *held) { held.StaleMs = max(held.StaleMs, milliseconds(waited)) })
}

func (s *screen) run(ended context.Context) {
	last := ""
	for ended.Err() == nil {
		where, came, err := s.watch(ended, last)
		if ended.Err() != nil {
			return
		}
		last = ""
		if reason(err) == "ERROR_REASON_STOPPING" {
			last = where
			s.tally.note(func(held *held) { held.Told++ })
		} else {
			s.tally.note(func(held *held) { held.Broken[status.Code(err).String()+" "+err.Error()]++ })
		}
		if !came {
			time.Sleep(pause)
		}
	}
}

// One stream until its end: by whom it was served, and whether anything came. `last` is who said to go elsewhere before it.
func (s *screen) watch(ended context.Context, last string) (where string, came bool, err error) {
	open, cancel := context.WithCancel(ended)
	defer cancel()
	stream, err := s.client.NewStream(open, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, stream)
	if err != nil {
		return "", false, err
	}
	for _, wish := range s.wishes() {
		if err := stream.SendMsg(&wish); err != nil && err != io.EOF {
			return "", false, err
		}
	}
	silent := time.AfterFunc(silence, cancel)
	defer silent.Stop()
	for {
		var event message
		if err := stream.RecvMsg(&event); err != nil {
			return where, came, err
		}
		silent.Reset(silence)
		if !came {
			server, _ := peer.FromContext(stream.Context())
			where, came = server.Addr.String(), true
			s.noteOpened(where, last)
		}
		s.heed(event)
	}
}

func (s *screen) noteOpened(where, last string) {
	s.tally.note(func(held *held) {
		held.Opened++
		switch last {
		case "":
		case where:
			held.Stayed++
		default:
			held.Resumed++
		}
	})
}

// Subscriptions, each from where the last stream came to.
func (s *screen) wishes() (all []message) {
	s.Lock()
	defer s.Unlock()
	for conversation, shown := range s.shows {
		all = append(all, subscribe(conversation, shown.sequence))
	}
	return all
}

// One StreamRecommendationsResponse.
func (s *screen) heed(event message) {
	if snapshot := event.at(1); snapshot.there {
		s.show(snapshot.bytes)
	} else if forgotten := event.at(3); forgotten.there {
		s.forget(string(forgotten.bytes.at(1).bytes))
	} else if wrong := event.at(5); wrong.there {
		s.doubt(string(wrong.bytes.at(1).bytes))
		s.tally.note(func(held *held) { held.Errors[string(wrong.bytes.at(5).bytes)]++ })
	}
}

func (s *screen) show(snapshot message) {
	sequence, answer := snapshot.at(2).number, answer{snapshot.at(4).bytes}
	s.Lock()
	defer s.Unlock()
	shown := s.shows[string(snapshot.at(1).bytes)]
	vouched := !answer.degraded()
	fell := vouched && sequence < shown.sequence
	again := vouched && shown.vouched && sequence > 0 && sequence == shown.sequence
	shown.turn, shown.vouched = answer.turn(), vouched
	if vouched {
		shown.sequence = sequence
	}
	waiting := shown.awaited
	shown.awaited = nil
	for _, awaited := range waiting {
		if awaited.turn > shown.turn {
			shown.awaited = append(shown.awaited, awaited)
		} else {
			s.tally.stale(time.Since(awaited.since))
		}
	}
	s.tally.note(func(held *held) {
		held.Snapshots++
		if fell {
			held.Fell++
		}
		if again {
			held.Again++
		}
	})
}

// After trouble, how it stands is shown again, also where that is the same.
func (s *screen) doubt(conversation string) {
	s.Lock()
	defer s.Unlock()
	if shown := s.shows[conversation]; shown != nil {
		shown.vouched = false
	}
}

func (s *screen) forget(conversation string) {
	s.Lock()
	defer s.Unlock()
	*s.shows[conversation] = shown{awaited: s.shows[conversation].awaited}
	s.tally.note(func(held *held) { held.Forgotten++ })
}

// The `reason` of an error's ErrorInfo.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, is := detail.(*errdetails.ErrorInfo); is {
			return info.Reason
		}
	}
	return ""
}
