package main

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// Asks for recommendations at a steady rate, whatever becomes of those before. None is asked for again.
func ask(ended context.Context, client *grpc.ClientConn, rate int) {
	counted := newTally()
	next, second := time.NewTicker(time.Second/time.Duration(rate)), time.NewTicker(time.Second)
	var calls sync.WaitGroup
	for {
		select {
		case <-next.C:
			calls.Go(func() {
				began := time.Now()
				_, err := call(client, recommend, anger())
				counted.add(err, time.Since(began))
			})
		case <-second.C:
			counted.print()
		case <-ended.Done():
			calls.Wait()
			counted.print()
			return
		}
	}
}
