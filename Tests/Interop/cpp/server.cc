// The test service on grpc++.
#include <csignal>
#include <iostream>
#include <thread>

#include "peer.h"

namespace {

using namespace grpc::testing;  // NOLINT: all names here are the service's.
using grpc::ServerContext;
using grpc::Status;

void EchoMetadata(ServerContext* context) {
  const auto initial = context->client_metadata().equal_range(kInitialKey);
  for (auto entry = initial.first; entry != initial.second; ++entry) {
    context->AddInitialMetadata(kInitialKey, {entry->second.data(), entry->second.size()});
  }
  const auto trailing = context->client_metadata().equal_range(kTrailingKey);
  for (auto entry = trailing.first; entry != trailing.second; ++entry) {
    context->AddTrailingMetadata(kTrailingKey, {entry->second.data(), entry->second.size()});
  }
}

Status Wanted(const EchoStatus& status) {
  return Status(static_cast<grpc::StatusCode>(status.code()), status.message());
}

class Service : public TestService::Service {
 public:
  Status EmptyCall(ServerContext* context, const Empty*, Empty*) override {
    EchoMetadata(context);
    return Status::OK;
  }

  Status UnaryCall(ServerContext* context, const SimpleRequest* request, SimpleResponse* response) override {
    EchoMetadata(context);
    if (request->has_response_status()) return Wanted(request->response_status());
    if (request->response_compressed().value()) context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    response->mutable_payload()->set_body(std::string(request->response_size(), '\0'));
    return Status::OK;
  }

  Status CacheableUnaryCall(ServerContext* context, const SimpleRequest* request, SimpleResponse* response) override {
    return UnaryCall(context, request, response);
  }

  Status StreamingOutputCall(ServerContext* context, const StreamingOutputCallRequest* request,
                             grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    EchoMetadata(context);
    for (const auto& wanted : request->response_parameters()) {
      if (wanted.compressed().value()) context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    }
    Send(*request, writer);
    return Status::OK;
  }

  Status StreamingInputCall(ServerContext* context, grpc::ServerReader<StreamingInputCallRequest>* reader,
                            StreamingInputCallResponse* response) override {
    EchoMetadata(context);
    StreamingInputCallRequest request;
    int size = 0;
    while (reader->Read(&request)) size += request.payload().body().size();
    response->set_aggregated_payload_size(size);
    return Status::OK;
  }

  Status FullDuplexCall(
      ServerContext* context,
      grpc::ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>* stream) override {
    EchoMetadata(context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request)) {
      if (request.has_response_status()) return Wanted(request.response_status());
      Send(request, stream);
    }
    return Status::OK;
  }

 private:
  template <typename Writer>
  static void Send(const StreamingOutputCallRequest& request, Writer* writer) {
    for (const auto& wanted : request.response_parameters()) {
      std::this_thread::sleep_for(std::chrono::microseconds(wanted.interval_us()));
      StreamingOutputCallResponse response;
      response.mutable_payload()->set_body(std::string(wanted.size(), '\0'));
      grpc::WriteOptions options;
      if (!wanted.compressed().value()) options.set_no_compression();
      if (!writer->Write(response, options)) return;
    }
  }
};

}  // namespace

int RunServer(const std::string& certificate, const std::string& key) {
  sigset_t termination;
  sigemptyset(&termination);
  sigaddset(&termination, SIGTERM);
  sigaddset(&termination, SIGINT);
  pthread_sigmask(SIG_BLOCK, &termination, nullptr);
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({key, certificate});
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 69;
  std::cout << "listening on port " << port << std::endl;
  int signal = 0;
  sigwait(&termination, &signal);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return 0;
}
