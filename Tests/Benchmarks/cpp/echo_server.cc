// A baseline of the echo benchmarks: the same service on Debian's grpc++, Echo by its asynchronous API, streams by the
// synchronous one.
//
//   echo_server PORT CERTIFICATE.pem KEY.pem THREADS
//
// Serves over TLS on 127.0.0.1, with one completion queue a thread. It checks one header (caller: bench), counts
// what it answered, and prints `answered N` when it gets SIGTERM.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "liaoning/bench/v1/echo_service.grpc.pb.h"

namespace {

using liaoning::bench::v1::CollectRequest;
using liaoning::bench::v1::CollectResponse;
using liaoning::bench::v1::ConverseRequest;
using liaoning::bench::v1::ConverseResponse;
using liaoning::bench::v1::EchoRequest;
using liaoning::bench::v1::EchoResponse;
using liaoning::bench::v1::ExpandRequest;
using liaoning::bench::v1::ExpandResponse;

bool Admits(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto caller = metadata.find("caller");
  return caller != metadata.end() && caller->second == "bench";
}

grpc::Status Refusal() {
  return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "Send the header caller: bench.");
}

// The streams; Echo is asynchronous.
class Service : public liaoning::bench::v1::EchoService::WithAsyncMethod_Echo<
                    liaoning::bench::v1::EchoService::Service> {
 public:
  grpc::Status Expand(grpc::ServerContext* context, const ExpandRequest* request,
                      grpc::ServerWriter<ExpandResponse>* writer) override {
    if (!Admits(*context)) {
      return Refusal();
    }
    if (request->count() < 0 || request->count() > 1000000) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "count is 0 to 1,000,000.");
    }
    ExpandResponse response;
    response.set_payload(request->payload());
    for (int index = 0; index < request->count(); index++) {
      response.set_index(index);
      if (!writer->Write(response)) {
        break;
      }
    }
    return grpc::Status::OK;
  }

  grpc::Status Collect(grpc::ServerContext* context, grpc::ServerReader<CollectRequest>* reader,
                       CollectResponse* response) override {
    if (!Admits(*context)) {
      return Refusal();
    }
    CollectRequest request;
    while (reader->Read(&request)) {
      response->set_message_count(response->message_count() + 1);
      response->set_payload_byte_count(response->payload_byte_count() + request.payload().size());
    }
    return grpc::Status::OK;
  }

  grpc::Status Converse(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<ConverseResponse, ConverseRequest>* stream) override {
    if (!Admits(*context)) {
      return Refusal();
    }
    ConverseRequest request;
    ConverseResponse response;
    while (stream->Read(&request)) {
      response.set_payload(request.payload());
      if (!stream->Write(response)) {
        break;
      }
    }
    return grpc::Status::OK;
  }
};

// How many calls wait for a request on each queue: more than the benchmark ever has open.
constexpr int kWaitingCalls = 512;

// Calls answered with OK by one queue; a cache line each, so that threads don't share one.
struct alignas(64) Counter {
  std::atomic<unsigned long> answered{0};
};

// One call at a time: waits for a request, answers it, and makes room for the next.
class Call {
 public:
  Call(Service* service, grpc::ServerCompletionQueue* queue, Counter* counter)
      : service_(service), queue_(queue), counter_(counter) {
    Wait();
  }

  // What the queue says of this call: `ok` is false once the server shuts down.
  void Proceed(bool ok) {
    if (answering_) {
      if (ok && status_ok_) {
        counter_->answered.fetch_add(1, std::memory_order_relaxed);
      }
      Wait();
      return;
    }
    if (!ok) {
      delete this;
      return;
    }
    answering_ = true;
    status_ok_ = Admits(turn_->context);
    if (status_ok_) {
      turn_->response.set_text(turn_->request.text());
      turn_->response.set_payload(turn_->request.payload());
      turn_->responder.Finish(turn_->response, grpc::Status::OK, this);
    } else {
      turn_->responder.FinishWithError(Refusal(), this);
    }
  }

 private:
  struct Turn {
    grpc::ServerContext context;
    EchoRequest request;
    EchoResponse response;
    grpc::ServerAsyncResponseWriter<EchoResponse> responder{&context};
  };

  void Wait() {
    answering_ = false;
    turn_.reset();
    turn_.emplace();
    service_->RequestEcho(&turn_->context, &turn_->request, &turn_->responder, queue_, queue_, this);
  }

  Service* service_;
  grpc::ServerCompletionQueue* queue_;
  Counter* counter_;
  std::optional<Turn> turn_;
  bool answering_ = false;
  bool status_ok_ = false;
};

void Serve(grpc::ServerCompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
    static_cast<Call*>(tag)->Proceed(ok);
  }
}

std::string Contents(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << "Can't read " << path << ".\n";
    std::exit(66);
  }
  return text.str();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::cerr << "usage: echo_server PORT CERTIFICATE.pem KEY.pem THREADS\n";
    return 64;
  }
  sigset_t termination;
  sigemptyset(&termination);
  sigaddset(&termination, SIGTERM);
  sigaddset(&termination, SIGINT);
  pthread_sigmask(SIG_BLOCK, &termination, nullptr);

  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({Contents(arguments[3]), Contents(arguments[2])});
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + arguments[1], grpc::SslServerCredentials(tls));
  builder.RegisterService(&service);
  const int thread_count = std::max(1, std::atoi(arguments[4]));
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  for (int index = 0; index < thread_count; index++) {
    queues.push_back(builder.AddCompletionQueue());
  }
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) {
    std::cerr << "Can't listen on port " << arguments[1] << ".\n";
    return 69;
  }

  std::vector<Counter> counters(thread_count);
  std::vector<std::thread> threads;
  for (int index = 0; index < thread_count; index++) {
    for (int call = 0; call < kWaitingCalls; call++) {
      new Call(&service, queues[index].get(), &counters[index]);
    }
    threads.emplace_back(Serve, queues[index].get());
  }
  std::cout << "listening" << std::endl;

  int signal = 0;
  sigwait(&termination, &signal);
  unsigned long answered = 0;
  for (const Counter& counter : counters) {
    answered += counter.answered.load();
  }
  std::cout << "answered " << answered << std::endl;
  // The process ends here: what is still open has nobody to answer to.
  std::_Exit(0);
}
