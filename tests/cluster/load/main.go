// Calls Recommend at a steady rate until it is told to end, and says every second how it went, as a line of JSON whose
// numbers go on growing. No call is tried again: a failure is a failure.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver/dns"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// RecommendRequest{signals: [{name: "anger", level: 0.75}]}, field by field: no code to generate for one message.
func request() []byte {
	signal := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "anger")
	signal = protowire.AppendFixed64(protowire.AppendTag(signal, 2, protowire.Fixed64Type), math.Float64bits(0.75))
	return protowire.AppendBytes(protowire.AppendTag(nil, 8, protowire.BytesType), signal)
}

// Bytes as they are.
type raw struct{}

func (raw) Name() string                  { return "proto" }
func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = data
	return nil
}

type tally struct {
	sync.Mutex
	Started int64            `json:"started"`
	Codes   map[string]int64 `json:"codes"`
	// Since the line before.
	LongestMs float64 `json:"longest_ms"`
	First     string  `json:"first_failure,omitempty"`
}

func (t *tally) add(err error, took time.Duration) {
	t.Lock()
	defer t.Unlock()
	t.Started++
	t.Codes[status.Code(err).String()]++
	t.LongestMs = max(t.LongestMs, float64(took.Microseconds())/1000)
	if err != nil && t.First == "" {
		t.First = err.Error()
	}
}

func (t *tally) print() {
	t.Lock()
	defer t.Unlock()
	line, _ := json.Marshal(t)
	fmt.Println(string(line))
	t.LongestMs = 0
}

func main() {
	target := flag.String("target", "", "where to call, such as dns:///composure-headless:50051")
	rate := flag.Int("rate", 200, "calls a second")
	folder := flag.String("tls", "", "folder with ca.crt, tls.crt and tls.key; empty: no TLS")
	name := flag.String("name", "", "the name that the server's certificate must have")
	flag.Parse()
	// Soon after a pod has gone its successor is looked up. By default clients of this library wait up to half a minute.
	dns.SetMinResolutionInterval(time.Second)
	client, err := grpc.NewClient(*target, grpc.WithTransportCredentials(secured(*folder, *name)),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}), grpc.WaitForReady(true)), grpc.WithDisableRetry())
	must(err)
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	run(ended, client, *rate)
}

func run(ended context.Context, client *grpc.ClientConn, rate int) {
	counted := tally{Codes: map[string]int64{}}
	next, second := time.NewTicker(time.Second/time.Duration(rate)), time.NewTicker(time.Second)
	var calls sync.WaitGroup
	for {
		select {
		case <-next.C:
			calls.Add(1)
			go func() {
				defer calls.Done()
				began := time.Now()
				counted.add(call(client), time.Since(began))
			}()
		case <-second.C:
			counted.print()
		case <-ended.Done():
			calls.Wait()
			counted.print()
			return
		}
	}
}

func call(client *grpc.ClientConn) error {
	within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	asked, answer := request(), []byte(nil)
	return client.Invoke(within, "/composure.v1.RecommendationService/Recommend", &asked, &answer)
}

func secured(folder, name string) credentials.TransportCredentials {
	if folder == "" {
		return insecure.NewCredentials()
	}
	authority, err := os.ReadFile(folder + "/ca.crt")
	must(err)
	pair, err := tls.LoadX509KeyPair(folder+"/tls.crt", folder+"/tls.key")
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return credentials.NewTLS(&tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, ServerName: name})
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
