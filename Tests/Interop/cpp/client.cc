// A client of the test service on grpc++: what the official cases ask, and what they leave out.
#include <chrono>
#include <functional>
#include <iostream>
#include <vector>

#include "peer.h"

namespace {

using namespace grpc::testing;  // NOLINT: all names here are the service's.
using grpc::ClientContext;
using grpc::Status;
using grpc::StatusCode;
using Conversation = grpc::ClientReaderWriter<StreamingOutputCallRequest, StreamingOutputCallResponse>;

constexpr int kLimit = 4194304;

// Why a case is wrong.
struct Wrong {
  std::string words;
};

void Check(bool holds, const std::string& words) {
  if (!holds) throw Wrong{words};
}

void CheckStatus(const Status& status, StatusCode code) {
  Check(status.error_code() == code,
        "status " + std::to_string(status.error_code()) + ": " + status.error_message());
}

std::shared_ptr<grpc::Channel> Connect(const std::string& target, const std::string& roots) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = roots;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("localhost");
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(target, grpc::SslCredentials(tls), arguments);
}

void WithDeadline(ClientContext* context, int milliseconds = 30000) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(milliseconds));
}

SimpleRequest Request(int size, int response_size) {
  SimpleRequest request;
  request.set_response_size(response_size);
  request.mutable_payload()->set_body(std::string(size, '\0'));
  return request;
}

StreamingOutputCallRequest Turn(int size, int payload = 0) {
  StreamingOutputCallRequest request;
  request.add_response_parameters()->set_size(size);
  request.mutable_payload()->set_body(std::string(payload, '\0'));
  return request;
}

class Cases {
 public:
  explicit Cases(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(TestService::NewStub(channel)), unimplemented_(UnimplementedService::NewStub(channel)) {}

  std::vector<std::pair<std::string, std::function<void()>>> All() {
    return {
        {"empty_unary", [this] { EmptyUnary(); }},
        {"large_unary", [this] { LargeUnary(); }},
        {"client_streaming", [this] { ClientStreaming(); }},
        {"server_streaming", [this] { ServerStreaming(); }},
        {"ping_pong", [this] { PingPong(); }},
        {"empty_stream", [this] { EmptyStream(); }},
        {"binary_metadata", [this] { BinaryMetadata(); }},
        {"status_with_details", [this] { StatusWithDetails(); }},
        {"every_status", [this] { EveryStatus(); }},
        {"unimplemented", [this] { Unimplemented(); }},
        {"deadline", [this] { Deadline(); }},
        {"cancel_before_anything", [this] { CancelBeforeAnything(); }},
        {"cancel_within_a_conversation", [this] { CancelWithinAConversation(); }},
        {"compressed_gzip", [this] { Compressed(GRPC_COMPRESS_GZIP); }},
        {"compressed_deflate", [this] { Compressed(GRPC_COMPRESS_DEFLATE); }},
        {"message_limit", [this] { MessageLimit(); }},
    };
  }

 private:
  std::unique_ptr<TestService::Stub> stub_;
  std::unique_ptr<UnimplementedService::Stub> unimplemented_;

  void EmptyUnary() {
    ClientContext context;
    WithDeadline(&context);
    Empty reply;
    CheckStatus(stub_->EmptyCall(&context, Empty(), &reply), StatusCode::OK);
  }

  void LargeUnary() {
    ClientContext context;
    WithDeadline(&context);
    SimpleResponse response;
    CheckStatus(stub_->UnaryCall(&context, Request(271828, 314159), &response), StatusCode::OK);
    Check(response.payload().body() == std::string(314159, '\0'), "payload");
  }

  void ClientStreaming() {
    ClientContext context;
    WithDeadline(&context);
    StreamingInputCallResponse response;
    const auto writer = stub_->StreamingInputCall(&context, &response);
    for (const int size : {27182, 8, 1828, 45904}) {
      StreamingInputCallRequest request;
      request.mutable_payload()->set_body(std::string(size, '\0'));
      Check(writer->Write(request), "write");
    }
    writer->WritesDone();
    CheckStatus(writer->Finish(), StatusCode::OK);
    Check(response.aggregated_payload_size() == 74922, "sum");
  }

  void ServerStreaming() {
    ClientContext context;
    WithDeadline(&context);
    StreamingOutputCallRequest request;
    const std::vector<int> sizes = {31415, 9, 2653, 58979};
    for (const int size : sizes) request.add_response_parameters()->set_size(size);
    const auto reader = stub_->StreamingOutputCall(&context, request);
    StreamingOutputCallResponse response;
    for (const int size : sizes) {
      Check(reader->Read(&response) && response.payload().body() == std::string(size, '\0'), "message");
    }
    Check(!reader->Read(&response), "end");
    CheckStatus(reader->Finish(), StatusCode::OK);
  }

  void PingPong() {
    ClientContext context;
    WithDeadline(&context);
    const std::unique_ptr<Conversation> stream = stub_->FullDuplexCall(&context);
    for (const auto& sizes : {std::pair(27182, 31415), std::pair(8, 9), std::pair(1828, 2653), std::pair(45904, 58979)}) {
      Exchange(stream.get(), Turn(sizes.second, sizes.first));
    }
    stream->WritesDone();
    CheckStatus(stream->Finish(), StatusCode::OK);
  }

  static void Exchange(Conversation* stream, const StreamingOutputCallRequest& turn) {
    Check(stream->Write(turn), "write");
    StreamingOutputCallResponse response;
    Check(stream->Read(&response), "read");
    Check(static_cast<int>(response.payload().body().size()) == turn.response_parameters(0).size(), "size");
  }

  void EmptyStream() {
    ClientContext context;
    WithDeadline(&context);
    const std::unique_ptr<Conversation> stream = stub_->FullDuplexCall(&context);
    stream->WritesDone();
    StreamingOutputCallResponse response;
    Check(!stream->Read(&response), "a message out of nothing");
    CheckStatus(stream->Finish(), StatusCode::OK);
  }

  void BinaryMetadata() {
    std::string every;
    for (int byte = 0; byte < 256; byte++) every.push_back(static_cast<char>(byte));
    ClientContext context;
    WithDeadline(&context);
    context.AddMetadata(kInitialKey, "one");
    context.AddMetadata(kInitialKey, "two, three");
    for (const std::string& value : {every, std::string(), std::string("\0,", 2)}) {
      context.AddMetadata(kTrailingKey, value);
    }
    SimpleResponse response;
    CheckStatus(stub_->UnaryCall(&context, Request(1, 1), &response), StatusCode::OK);
    Check(Values(context.GetServerInitialMetadata(), kInitialKey) == std::vector<std::string>({"one", "two, three"}), "initial");
    Check(Values(context.GetServerTrailingMetadata(), kTrailingKey) ==
              std::vector<std::string>({every, "", std::string("\0,", 2)}),
          "trailing");
  }

  static std::vector<std::string> Values(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const char* key) {
    std::vector<std::string> values;
    const auto range = metadata.equal_range(key);
    for (auto entry = range.first; entry != range.second; ++entry) {
      values.emplace_back(entry->second.data(), entry->second.size());
    }
    return values;
  }

  void StatusWithDetails() {
    ClientContext context;
    WithDeadline(&context);
    context.AddMetadata(kDetailsKey, "yes");
    SimpleRequest request;
    request.mutable_response_status()->set_code(StatusCode::FAILED_PRECONDITION);
    request.mutable_response_status()->set_message("状态不符 100%");
    SimpleResponse response;
    const Status status = stub_->UnaryCall(&context, request, &response);
    CheckStatus(status, StatusCode::FAILED_PRECONDITION);
    Check(status.error_message() == "状态不符 100%", "words: " + status.error_message());
    for (const char* part : {"type.googleapis.com/google.rpc.ErrorInfo", "TEST_REASON", "interop.example", "状态不符 100%"}) {
      Check(status.error_details().find(part) != std::string::npos, std::string("details without ") + part);
    }
  }

  void EveryStatus() {
    for (int code = 1; code <= 16; code++) {
      ClientContext context;
      WithDeadline(&context);
      SimpleRequest request;
      request.mutable_response_status()->set_code(code);
      request.mutable_response_status()->set_message("\t%\r\n☺😈");
      SimpleResponse response;
      const Status status = stub_->UnaryCall(&context, request, &response);
      CheckStatus(status, static_cast<StatusCode>(code));
      Check(status.error_message() == "\t%\r\n☺😈", "words of " + std::to_string(code));
    }
  }

  void Unimplemented() {
    Empty reply;
    ClientContext method;
    WithDeadline(&method);
    CheckStatus(stub_->UnimplementedCall(&method, Empty(), &reply), StatusCode::UNIMPLEMENTED);
    ClientContext service;
    WithDeadline(&service);
    CheckStatus(unimplemented_->UnimplementedCall(&service, Empty(), &reply), StatusCode::UNIMPLEMENTED);
  }

  void Deadline() {
    ClientContext context;
    WithDeadline(&context, 200);
    const std::unique_ptr<Conversation> stream = stub_->FullDuplexCall(&context);
    StreamingOutputCallResponse response;
    Check(!stream->Read(&response), "a message out of nothing");
    CheckStatus(stream->Finish(), StatusCode::DEADLINE_EXCEEDED);
    EmptyUnary();
  }

  void CancelBeforeAnything() {
    ClientContext context;
    WithDeadline(&context);
    StreamingInputCallResponse response;
    const auto writer = stub_->StreamingInputCall(&context, &response);
    context.TryCancel();
    CheckStatus(writer->Finish(), StatusCode::CANCELLED);
    EmptyUnary();
  }

  void CancelWithinAConversation() {
    ClientContext context;
    WithDeadline(&context);
    const std::unique_ptr<Conversation> stream = stub_->FullDuplexCall(&context);
    Exchange(stream.get(), Turn(31415, 27182));
    context.TryCancel();
    CheckStatus(stream->Finish(), StatusCode::CANCELLED);
    EmptyUnary();
  }

  void Compressed(grpc_compression_algorithm algorithm) {
    ClientContext context;
    WithDeadline(&context);
    context.set_compression_algorithm(algorithm);
    SimpleRequest request = Request(271828, 314159);
    request.mutable_expect_compressed()->set_value(true);
    request.mutable_response_compressed()->set_value(true);
    SimpleResponse response;
    CheckStatus(stub_->UnaryCall(&context, request, &response), StatusCode::OK);
    Check(response.payload().body() == std::string(314159, '\0'), "payload");
    ClientContext again;
    WithDeadline(&again);
    again.set_compression_algorithm(algorithm);
    const std::unique_ptr<Conversation> stream = stub_->FullDuplexCall(&again);
    StreamingOutputCallRequest turn = Turn(60000, 60000);
    turn.mutable_response_parameters(0)->mutable_compressed()->set_value(true);
    for (int number = 0; number < 20; number++) Exchange(stream.get(), turn);
    stream->WritesDone();
    CheckStatus(stream->Finish(), StatusCode::OK);
  }

  void MessageLimit() {
    SimpleRequest request = Request(kLimit, 1);
    const int size = kLimit - (static_cast<int>(request.ByteSizeLong()) - kLimit);
    for (const int more : {0, 1}) {
      request = Request(size + more, 1);
      Check(static_cast<int>(request.ByteSizeLong()) == kLimit + more, "the test's sum");
      ClientContext context;
      WithDeadline(&context);
      SimpleResponse response;
      CheckStatus(stub_->UnaryCall(&context, request, &response),
                  more == 0 ? StatusCode::OK : StatusCode::RESOURCE_EXHAUSTED);
    }
    EmptyUnary();
  }
};

}  // namespace

int RunClient(const std::string& target, const std::string& roots) {
  Cases cases(Connect(target, roots));
  int wrong = 0;
  for (const auto& [name, run] : cases.All()) {
    try {
      run();
      std::cout << "OK: " << name << std::endl;
    } catch (const Wrong& reason) {
      wrong++;
      std::cout << "WRONG: " << name << ": " << reason.words << std::endl;
    }
  }
  return wrong;
}

int RunDrain(const std::string& target, const std::string& roots) {
  const auto stub = TestService::NewStub(Connect(target, roots));
  ClientContext context;
  WithDeadline(&context);
  const std::unique_ptr<Conversation> stream = stub->FullDuplexCall(&context);
  StreamingOutputCallResponse response;
  const auto exchanged = [&] { return stream->Write(Turn(10000, 10000)) && stream->Read(&response); };
  if (!exchanged()) return 1;
  std::cout << "ready" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  // A new call finds nobody who listens, once the old connection has been given up.
  Status refused;
  do {
    ClientContext another;
    WithDeadline(&another);
    Empty reply;
    refused = stub->EmptyCall(&another, Empty(), &reply);
  } while (refused.ok());
  if (refused.error_code() != StatusCode::UNAVAILABLE) {
    std::cerr << refused.error_code() << " " << refused.error_message() << "\n";
    return 2;
  }
  for (int turn = 0; turn < 10; turn++) {
    if (!exchanged()) return 3;
  }
  stream->WritesDone();
  return stream->Finish().ok() ? 0 : 4;
}
