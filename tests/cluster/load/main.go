// Calls Composure without a pause until it is told to end, and says every second how it went, as a line of JSON. With
// `--conversations` it writes to conversations that are held, and keeps streams open that show them; else it asks for
// recommendations whose callers send everything. No failure is hidden: each is counted, also where the call is sent again.
//
//	load --target dns:///composure-headless:50051 [--rate N] [--conversations N] [--tls FOLDER --name NAME]
//	load settle
//
// The second has the first, beside it in the same container, end its turns, compare, print what it found, and exit.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver/dns"
)

// How long a caller waits for an answer.
const patience = 5 * time.Second

func main() {
	if len(os.Args) == 2 && os.Args[1] == "settle" {
		must(syscall.Kill(1, syscall.SIGUSR1))
		return
	}
	target := flag.String("target", "", "where to call, such as dns:///composure-headless:50051")
	rate := flag.Int("rate", 200, "calls a second")
	conversations := flag.Int("conversations", 0, "how many conversations to write to; 0: none are held")
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
	if *conversations > 0 {
		hold(ended, client, *conversations, *rate)
	} else {
		ask(ended, client, *rate)
	}
}

// One call, with what it was answered.
func call(client *grpc.ClientConn, method string, asked message) (answered message, err error) {
	within, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = client.Invoke(within, method, &asked, &answered)
	return answered, err
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
