package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
)

const (
	// Agents who write to one conversation at the same time.
	writers = 2
	// Of the conversations one in so many has a single agent, who sends the `state` along: what is held may be lost.
	carried = 3
	// How long settling may take: until each turn is acknowledged, and then until each screen shows the last one.
	settling = time.Minute
)

// Writes to conversations, and shows them on screens, until it is ended or told to settle.
func hold(ended context.Context, client *grpc.ClientConn, count, rate int) {
	settle := make(chan os.Signal, 1)
	signal.Notify(settle, syscall.SIGUSR1)
	counted := newHeldTally()
	all := conversations(client, counted, count)
	shown, closed := context.WithCancel(context.Background())
	defer closed()
	for number, screen := range screens(client, counted, all) {
		// Not all by the server that is found first.
		time.AfterFunc(time.Second+time.Duration(number)*100*time.Millisecond, func() { screen.run(shown) })
	}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	pace := time.Second * time.Duration(agents(all)) / time.Duration(rate)
	for _, conversation := range all {
		for writer := range conversation.writers {
			writing.Go(func() { conversation.write(writer, pace, stop) })
		}
	}
	second := time.NewTicker(time.Second)
	for {
		select {
		case <-second.C:
			noteStale(counted, all)
			counted.print()
		case <-settle:
			close(stop)
			print(map[string]any{"settled": compare(client, all, &writing)})
			return
		case <-ended.Done():
			return
		}
	}
}

// A conversation, what was acknowledged of it, and who shows it.
type conversation struct {
	client  *grpc.ClientConn
	tally   *tally
	id      string
	writers int
	screens []*screen

	sync.Mutex
	// Turns that were acknowledged since it began, and the last of them.
	counted, latest uint64
	// What the single writer of one that is carried sends along.
	state message
	// Makes no two promises alike.
	promises int
}

func conversations(client *grpc.ClientConn, counted *tally, count int) (all []*conversation) {
	// None that was there before.
	began := time.Now().UnixMilli()
	for number := range count {
		conversation := &conversation{client: client, tally: counted, id: fmt.Sprintf("%d-%d", began, number), writers: writers}
		if number%carried == 0 {
			conversation.writers = 1
		}
		all = append(all, conversation)
	}
	return all
}

func agents(all []*conversation) (count int) {
	for _, conversation := range all {
		count += conversation.writers
	}
	return count
}

// One agent's part: turn after turn, each sent again until it is acknowledged as kept.
func (c *conversation) write(writer int, pace time.Duration, stop <-chan struct{}) {
	next := time.NewTicker(pace)
	defer next.Stop()
	for number := 0; ; number++ {
		select {
		case <-next.C:
		case <-stop:
			return
		}
		request := turnIn(c.id, fmt.Sprintf("%s-%d-%d", c.id, writer, number), c.due())
		for !c.turn(request) {
			<-next.C
		}
	}
}

// A moment of tomorrow that no other turn names.
func (c *conversation) due() time.Time {
	c.Lock()
	defer c.Unlock()
	c.promises++
	return time.Now().Truncate(time.Hour).Add(24*time.Hour + time.Duration(c.promises)*time.Millisecond)
}

// Whether it was acknowledged as kept.
func (c *conversation) turn(request message) bool {
	if state := c.carries(); state != nil {
		request = request.carrying(state)
	}
	began := time.Now()
	answered, err := call(c.client, recommend, request)
	c.tally.add(err, time.Since(began))
	answer := answer{answered}
	if err != nil {
		return false
	}
	if answer.degraded() {
		c.tally.note(func(held *held) { held.Degraded++ })
		return false
	}
	c.acknowledged(answer)
	return true
}

func (c *conversation) carries() message {
	c.Lock()
	defer c.Unlock()
	return c.state
}

func (c *conversation) acknowledged(answer answer) {
	turn := answer.turn()
	c.Lock()
	// Answers overtake each other by as many turns as there are writers; more than that, and it has begun anew.
	anew := turn+2*writers < c.latest
	if anew {
		c.counted, c.latest = 0, 0
	}
	c.counted++
	c.latest = max(c.latest, turn)
	if c.writers == 1 {
		c.state = answer.state()
	}
	c.Unlock()
	c.tally.note(func(held *held) {
		held.Turns++
		if anew {
			held.Anew++
		}
	})
	for _, screen := range c.screens {
		screen.expect(c.id, turn, anew)
	}
}

func (c *conversation) stands() (counted, latest uint64) {
	c.Lock()
	defer c.Unlock()
	return c.counted, c.latest
}
