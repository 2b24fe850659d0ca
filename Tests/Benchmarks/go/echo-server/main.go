// The echo service on grpc-go, the baseline that benchmarks compare with.
//
//	echo-server PORT CERTIFICATE.pem KEY.pem
//
// Serves over TLS on 127.0.0.1. Interceptors check one header (caller: bench) and count what was answered; `answered N`
// is printed at SIGTERM.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	bench "liaoning/bench/v1"
)

// Calls answered with OK.
var answered uint64

func check(ctx context.Context) error {
	received, _ := metadata.FromIncomingContext(ctx)
	if callers := received["caller"]; len(callers) == 0 || callers[0] != "bench" {
		return status.Error(codes.PermissionDenied, "Send the header caller: bench.")
	}
	return nil
}

func checkUnary(ctx context.Context, request interface{}, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (interface{}, error) {
	if err := check(ctx); err != nil {
		return nil, err
	}
	response, err := handler(ctx, request)
	if err == nil {
		atomic.AddUint64(&answered, 1)
	}
	return response, err
}

func checkStream(server interface{}, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := check(stream.Context()); err != nil {
		return err
	}
	err := handler(server, stream)
	if err == nil {
		atomic.AddUint64(&answered, 1)
	}
	return err
}

type echoService struct{}

func (echoService) Echo(_ context.Context, request *bench.EchoRequest) (*bench.EchoResponse, error) {
	return &bench.EchoResponse{Text: request.Text, Payload: request.Payload}, nil
}

func (echoService) Expand(request *bench.ExpandRequest, stream bench.EchoService_ExpandServer) error {
	if request.Count < 0 || request.Count > 1000000 {
		return status.Errorf(codes.InvalidArgument, "count is 0 to 1,000,000, not %d.", request.Count)
	}
	for index := int32(0); index < request.Count; index++ {
		if err := stream.Send(&bench.ExpandResponse{Payload: request.Payload, Index: index}); err != nil {
			return err
		}
	}
	return nil
}

func (echoService) Collect(stream bench.EchoService_CollectServer) error {
	response := &bench.CollectResponse{}
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(response)
		}
		if err != nil {
			return err
		}
		response.MessageCount++
		response.PayloadByteCount += int64(len(request.Payload))
	}
}

func (echoService) Converse(stream bench.EchoService_ConverseServer) error {
	for {
		request, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&bench.ConverseResponse{Payload: request.Payload}); err != nil {
			return err
		}
	}
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: echo-server PORT CERTIFICATE.pem KEY.pem")
	}
	identity, err := credentials.NewServerTLSFromFile(os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(identity), grpc.UnaryInterceptor(checkUnary), grpc.StreamInterceptor(checkStream))
	bench.RegisterEchoServiceServer(server, echoService{})
	termination := make(chan os.Signal, 1)
	signal.Notify(termination, syscall.SIGTERM, os.Interrupt)
	go func() {
		fmt.Println("listening")
		if err := server.Serve(listener); err != nil {
			log.Fatal(err)
		}
	}()
	<-termination
	fmt.Println("answered", atomic.LoadUint64(&answered))
}
