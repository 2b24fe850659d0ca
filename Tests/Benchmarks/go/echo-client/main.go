// The client that the streaming and latency benchmarks put before every server alike, on grpc-go.
//
//	echo-client COMMAND PORT CERTIFICATE.pem ...
//
// Commands, each over one connection unless it says otherwise, every message checked:
//
//	latency RATE SECONDS   Echo at a fixed rate over 16 connections; prints `calls N p50 US p99 US max US`. Calls start when they
//	                       are due, whether or not earlier ones have ended.
//	expand COUNT           COUNT messages from the server.
//	collect COUNT          COUNT messages to the server.
//	chunks SIZE CHUNK      one message of SIZE bytes in chunks of CHUNK bytes, to the server and back at once.
//
// The last three print `seconds S`.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	bench "liaoning/bench/v1"
)

// The messages of streams are small: this and an index.
var small = []byte("hello")

func number(index int) int {
	value, err := strconv.Atoi(os.Args[index])
	if err != nil || value < 1 {
		log.Fatalf("argument %d is no positive number", index)
	}
	return value
}

func connect() (bench.EchoServiceClient, error) {
	trust, err := credentials.NewClientTLSFromFile(os.Args[3], "localhost")
	if err != nil {
		return nil, err
	}
	connection, err := grpc.Dial("127.0.0.1:"+os.Args[2], grpc.WithTransportCredentials(trust), grpc.WithBlock())
	return bench.NewEchoServiceClient(connection), err
}

func call(timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), "caller", "bench"), timeout)
}

func echo(client bench.EchoServiceClient) error {
	ctx, cancel := call(30 * time.Second)
	defer cancel()
	response, err := client.Echo(ctx, &bench.EchoRequest{Text: "hello"})
	if err == nil && response.Text != "hello" {
		err = fmt.Errorf("the answer is %q", response.Text)
	}
	return err
}

func latency(rate, seconds int) error {
	clients := make([]bench.EchoServiceClient, 16)
	for index := range clients {
		client, err := connect()
		if err != nil {
			return err
		}
		// The first call of a connection pays for what later ones don't.
		if err := echo(client); err != nil {
			return err
		}
		clients[index] = client
	}
	total := rate * seconds
	times := make([]time.Duration, total)
	failures := make(chan error, 1)
	var running sync.WaitGroup
	begin := time.Now()
	for index := 0; index < total; index++ {
		due := begin.Add(time.Duration(index) * time.Second / time.Duration(rate))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		running.Add(1)
		go func(index int) {
			defer running.Done()
			start := time.Now()
			if err := echo(clients[index%len(clients)]); err != nil {
				select {
				case failures <- err:
				default:
				}
			}
			times[index] = time.Since(start)
		}(index)
	}
	running.Wait()
	select {
	case err := <-failures:
		return err
	default:
	}
	sort.Slice(times, func(a, b int) bool { return times[a] < times[b] })
	at := func(percent int) float64 { return float64(times[(total-1)*percent/100].Nanoseconds()) / 1000 }
	fmt.Printf("calls %d p50 %.1f p99 %.1f max %.1f\n", total, at(50), at(99), at(100))
	return nil
}

func expand(client bench.EchoServiceClient, count int) error {
	ctx, cancel := call(10 * time.Minute)
	defer cancel()
	stream, err := client.Expand(ctx, &bench.ExpandRequest{Payload: small, Count: int32(count)})
	if err != nil {
		return err
	}
	received := 0
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if int(response.Index) != received || !bytes.Equal(response.Payload, small) {
			return fmt.Errorf("message %d is not what was asked for", received)
		}
		received++
	}
	if received != count {
		return fmt.Errorf("%d messages came, not %d", received, count)
	}
	return nil
}

func collect(client bench.EchoServiceClient, count int) error {
	ctx, cancel := call(10 * time.Minute)
	defer cancel()
	stream, err := client.Collect(ctx)
	if err != nil {
		return err
	}
	request := &bench.CollectRequest{Payload: small}
	for index := 0; index < count; index++ {
		if err := stream.Send(request); err != nil {
			return err
		}
	}
	response, err := stream.CloseAndRecv()
	if err == nil && (response.MessageCount != int64(count) || response.PayloadByteCount != int64(count*len(small))) {
		err = fmt.Errorf("the server counted %v", response)
	}
	return err
}

func chunks(client bench.EchoServiceClient, size, chunk int) error {
	content := make([]byte, size)
	for index := range content {
		content[index] = byte(index * 31 >> 3)
	}
	ctx, cancel := call(10 * time.Minute)
	defer cancel()
	stream, err := client.Converse(ctx)
	if err != nil {
		return err
	}
	sending := make(chan error, 1)
	go func() {
		for start := 0; start < size; start += chunk {
			end := start + chunk
			if end > size {
				end = size
			}
			if err := stream.Send(&bench.ConverseRequest{Payload: content[start:end]}); err != nil {
				sending <- err
				return
			}
		}
		sending <- stream.CloseSend()
	}()
	digest := sha256.New()
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		digest.Write(response.Payload)
	}
	if err := <-sending; err != nil {
		return err
	}
	wanted := sha256.Sum256(content)
	if !bytes.Equal(digest.Sum(nil), wanted[:]) {
		return fmt.Errorf("the content came back changed")
	}
	return nil
}

func main() {
	if len(os.Args) < 5 {
		log.Fatal("usage: echo-client COMMAND PORT CERTIFICATE.pem ...")
	}
	if os.Args[1] == "latency" {
		if err := latency(number(4), number(5)); err != nil {
			log.Fatal(err)
		}
		return
	}
	client, err := connect()
	if err == nil {
		err = echo(client)
	}
	if err != nil {
		log.Fatal(err)
	}
	begin := time.Now()
	switch os.Args[1] {
	case "expand":
		err = expand(client, number(4))
	case "collect":
		err = collect(client, number(4))
	case "chunks":
		err = chunks(client, number(4), number(5))
	default:
		log.Fatalf("there is no %s", os.Args[1])
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("seconds %.4f\n", time.Since(begin).Seconds())
}
