// What the client and the server of the interoperability tests share.
#ifndef INTEROP_PEER_H
#define INTEROP_PEER_H
#include <grpcpp/grpcpp.h>

#include <string>

#include "grpc/testing/test.grpc.pb.h"

// Keys of metadata that the test service gives back.
inline constexpr char kInitialKey[] = "x-grpc-test-echo-initial";
inline constexpr char kTrailingKey[] = "x-grpc-test-echo-trailing-bin";
// Asks for a status with `google.rpc` details.
inline constexpr char kDetailsKey[] = "x-with-details";

// The whole of a file.
std::string Contents(const std::string& path);

// Runs the cases against a server, a line a case; the number of wrong ones.
int RunClient(const std::string& target, const std::string& roots);

// Has a conversation while the server is told to end: prints `ready` once it is under way, goes on when a line comes on
// standard input; 0 if nothing of it was lost.
int RunDrain(const std::string& target, const std::string& roots);

// Serves until SIGTERM; prints `listening on port N`.
int RunServer(const std::string& certificate, const std::string& key);
#endif
