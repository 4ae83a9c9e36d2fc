package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/status"
)

// What became of everything, as numbers that go on growing, but for those since the line before.
type tally struct {
	sync.Mutex
	Started int64            `json:"started"`
	Codes   map[string]int64 `json:"codes"`
	// Since the line before.
	LongestMs float64 `json:"longest_ms"`
	First     string  `json:"first_failure,omitempty"`
	Held      *held   `json:"held,omitempty"`
}

// The same of conversations that are held, and of the streams that show them.
type held struct {
	// Turns that were acknowledged as kept, and answers that were not.
	Turns    int64 `json:"turns"`
	Degraded int64 `json:"degraded"`
	// Conversations that were not there any more when the next turn came.
	Anew int64 `json:"began_anew"`
	// Streams that were opened, that were told to go elsewhere and did so, or found the same server again, and that ended in another way.
	Opened  int64            `json:"opened"`
	Told    int64            `json:"told_to_leave"`
	Resumed int64            `json:"resumed_elsewhere"`
	Stayed  int64            `json:"stayed"`
	Broken  map[string]int64 `json:"broken"`
	// What came on them. A sequence that fell, or a snapshot that was known already, is a mistake.
	Snapshots int64            `json:"snapshots"`
	Fell      int64            `json:"fell"`
	Again     int64            `json:"again"`
	Forgotten int64            `json:"forgotten"`
	Errors    map[string]int64 `json:"errors"`
	// For how long a screen did not show a turn that was acknowledged, since the line before.
	StaleMs float64 `json:"stale_ms"`
}

func newTally() *tally { return &tally{Codes: map[string]int64{}} }

func newHeldTally() *tally {
	counted := newTally()
	counted.Held = &held{Broken: map[string]int64{}, Errors: map[string]int64{}}
	return counted
}

func (t *tally) add(err error, took time.Duration) {
	t.Lock()
	defer t.Unlock()
	t.Started++
	t.Codes[status.Code(err).String()]++
	t.LongestMs = max(t.LongestMs, milliseconds(took))
	if err != nil && t.First == "" {
		t.First = err.Error()
	}
}

// Changes what is told of conversations and streams.
func (t *tally) note(change func(*held)) {
	t.Lock()
	defer t.Unlock()
	change(t.Held)
}

func (t *tally) print() {
	t.Lock()
	defer t.Unlock()
	print(t)
	t.LongestMs = 0
	if t.Held != nil {
		t.Held.StaleMs = 0
	}
}

func print(line any) {
	text, err := json.Marshal(line)
	must(err)
	fmt.Println(string(text))
}

func milliseconds(took time.Duration) float64 { return float64(took.Microseconds()) / 1000 }
