package main

import (
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// What was found once nobody writes any more.
type settled struct {
	Conversations int      `json:"conversations"`
	Acknowledged  uint64   `json:"acknowledged"`
	Held          uint64   `json:"held"`
	Screens       int      `json:"screens"`
	Wrong         []string `json:"wrong"`
}

// What was acknowledged is held, each turn once, and each screen shows the last one.
func compare(client *grpc.ClientConn, all []*conversation, writing *sync.WaitGroup) (found settled) {
	found = settled{Conversations: len(all), Wrong: []string{}}
	if !within(settling, func() bool { writing.Wait(); return true }) {
		found.Wrong = append(found.Wrong, "some turn is never acknowledged")
		return found
	}
	for _, conversation := range all {
		found.compare(client, conversation)
	}
	return found
}

func (s *settled) compare(client *grpc.ClientConn, c *conversation) {
	counted, latest := c.stands()
	answered, err := call(client, getConversation, message(nil).text(1, c.id))
	if err != nil {
		s.Wrong = append(s.Wrong, fmt.Sprintf("%s: %v", c.id, err))
		return
	}
	revision, turn := answered.at(1, 2).number, answered.at(1, 3).number
	s.Acknowledged += counted
	s.Held += turn
	if counted != turn || counted != revision || counted != latest {
		s.Wrong = append(s.Wrong, fmt.Sprintf("%s: %d turns were acknowledged, the last one as turn %d, and %d are held, in revision %d",
			c.id, counted, latest, turn, revision))
	}
	for _, screen := range c.screens {
		s.Screens++
		if !within(settling, func() bool { return screen.showsTurn(c.id, turn) }) {
			s.Wrong = append(s.Wrong, fmt.Sprintf("%s: a screen shows another turn than %d", c.id, turn))
		}
	}
}

// Whether it holds in time.
func within(limit time.Duration, holds func() bool) bool {
	found := make(chan bool, 1)
	go func() {
		for !holds() {
			time.Sleep(10 * time.Millisecond)
		}
		found <- true
	}()
	select {
	case <-found:
		return true
	case <-time.After(limit):
		return false
	}
}
