// Calls one unary gRPC method over TLS as fast as the server answers, and checks every reply: a load generator that costs a few
// microseconds a call, so that the server and its database have the machine.
//
//   rpc-load --port P --trust ca.pem [--certificate c.pem --key k.pem] --path /package.Service/Method --calls FILE
//            [--connections 8] [--streams 16] [--seconds 5 | --once] [--from N] [--prefix HEX] [--header name:value]...
//
// FILE holds the calls one after another, each as two byte strings with their lengths as 32-bit little-endian numbers: the serialized
// request, and what the serialized reply must contain somewhere. `--prefix` is what every reply must begin with. Calls are drawn at
// random for `--seconds`, or made each once, in order; with `--from`, each once from that one on, for `--seconds`. Ends with 1 at the
// first wrong answer.
//
// Prints one line: calls, seconds, calls/s, p50 and p99 of the latency in milliseconds.
//
// With `--rate R` calls don't wait for each other's answers: they come at random, R a second on the whole, over all connections. A call
// may be refused then: UNAVAILABLE, which must say by google.rpc.RetryInfo when to come again, or DEADLINE_EXCEEDED after the
// `--timeout MS` that every call has (30,000 without). Prints how many were answered in time and in what time, refused, expired, late.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string &what) {
  fprintf(stderr, "rpc-load: %s\n", what.c_str());
  exit(1);
}

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000 + uint64_t(time.tv_nsec);
}

struct Options {
  int port = 0, connections = 8, streams = 16;
  double seconds = 5, rate = 0;
  uint64_t timeout = 30'000;
  bool once = false;
  size_t from = 0;
  bool inOrder = false;
  std::string trust, certificate, key, path, calls, prefix;
  std::vector<std::pair<std::string, std::string>> headers;

  // Every call's headers; they point into this object.
  std::vector<nghttp2_nv> fields() const {
    std::vector<nghttp2_nv> fields;
    for (auto &header : headers) {
      auto bytes = [](const std::string &text) { return reinterpret_cast<uint8_t *>(const_cast<char *>(text.data())); };
      fields.push_back({bytes(header.first), bytes(header.second), header.first.size(), header.second.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return fields;
  }
};

struct Piece {
  const uint8_t *bytes;
  uint32_t count;
};

struct Call {
  Piece request, expected;
};

// The file of calls, mapped; and which is next.
class Calls {
 public:
  explicit Calls(const Options &options) : position_(options.from), inOrder_(options.once || options.inOrder) {
    int file = open(options.calls.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0 || status.st_size == 0) fail("no calls in " + options.calls);
    void *memory = mmap(nullptr, size_t(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    if (memory == MAP_FAILED) fail("can't map " + options.calls);
    const uint8_t *cursor = static_cast<const uint8_t *>(memory), *end = cursor + status.st_size;
    while (cursor < end) {
      Call call;
      call.request = piece(cursor, end);
      call.expected = piece(cursor, end);
      all_.push_back(call);
    }
    if (!options.once) deadline_ = now() + uint64_t(options.seconds * 1e9);
  }

  const Call *next() {
    if (deadline_ != 0 && now() >= deadline_) return nullptr;
    if (inOrder_) return position_ < all_.size() ? &all_[position_++] : nullptr;
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return &all_[state_ % all_.size()];
  }

 private:
  static Piece piece(const uint8_t *&cursor, const uint8_t *end) {
    uint32_t count;
    if (end - cursor < 4) fail("the file of calls is cut off");
    memcpy(&count, cursor, 4);
    cursor += 4;
    if (uint64_t(end - cursor) < count) fail("the file of calls is cut off");
    Piece piece{cursor, count};
    cursor += count;
    return piece;
  }

  std::vector<Call> all_;
  size_t position_;
  bool inOrder_;
  uint64_t deadline_ = 0, state_ = 0x9E3779B97F4A7C15;
};

// One call under way.
struct Stream {
  const Call *call;
  uint64_t begin;
  size_t sent = 0;
  std::string status, message, details, reply;
};

// What became of the calls.
struct Tally {
  std::vector<uint32_t> latencies;
  size_t refused = 0, expired = 0, late = 0;
};

class Connection {
 public:
  Connection(const Options &options, SSL_CTX *context, Calls &calls, Tally &tally)
      : options_(options), fields_(options.fields()), calls_(calls), tally_(tally) {
    connect(context);
    nghttp2_session_callbacks *callbacks;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, 1 << 24);
    if (options.rate == 0) {
      for (int stream = 0; stream < options.streams; stream++) submit();
    }
  }

  ~Connection() {
    nghttp2_session_del(session_);
    SSL_free(ssl_);
    close(socket_);
  }

  int socket() const { return socket_; }
  bool isDone() const { return open_ == 0; }
  bool wantsWriting() const { return written_ < output_.size(); }

  void read() {
    uint8_t buffer[65536];
    for (;;) {
      ERR_clear_error();
      int count = SSL_read(ssl_, buffer, sizeof buffer);
      if (count <= 0) {
        int error = SSL_get_error(ssl_, count);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
        fail("the server has closed a connection");
      }
      if (nghttp2_session_mem_recv(session_, buffer, size_t(count)) < 0) fail("the server's HTTP/2 can't be read");
    }
  }

  void write() {
    for (;;) {
      if (written_ == output_.size()) {
        output_.clear();
        written_ = 0;
        const uint8_t *frames;
        ssize_t count;
        while (output_.size() < 65536 && (count = nghttp2_session_mem_send(session_, &frames)) > 0) {
          output_.insert(output_.end(), frames, frames + count);
        }
        if (output_.empty()) return;
      }
      ERR_clear_error();
      int count = SSL_write(ssl_, output_.data() + written_, int(output_.size() - written_));
      if (count <= 0) {
        int error = SSL_get_error(ssl_, count);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
        fail("the server has closed a connection");
      }
      written_ += size_t(count);
    }
  }

  void submit() {
    const Call *call = calls_.next();
    if (call == nullptr) return;
    Stream *stream = new Stream{call, now()};
    nghttp2_data_provider body{{.ptr = stream}, readBody};
    if (nghttp2_submit_request(session_, nullptr, fields_.data(), fields_.size(), &body, stream) < 0) fail("no stream");
    open_++;
  }

 private:
  void connect(SSL_CTX *context) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) fail("nobody listens");
    int one = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
    SSL_set_tlsext_host_name(ssl_, "localhost");
    if (SSL_connect(ssl_) != 1) fail("no TLS connection");
    fcntl(socket_, F_SETFL, O_NONBLOCK);
  }

  static ssize_t readBody(nghttp2_session *, int32_t, uint8_t *buffer, size_t length, uint32_t *flags, nghttp2_data_source *source,
                          void *) {
    Stream *stream = static_cast<Stream *>(source->ptr);
    const Piece &request = stream->call->request;
    uint8_t head[5] = {0, uint8_t(request.count >> 24), uint8_t(request.count >> 16), uint8_t(request.count >> 8), uint8_t(request.count)};
    size_t done = 0;
    while (done < length && stream->sent < 5) buffer[done++] = head[stream->sent++];
    size_t rest = std::min(length - done, size_t(request.count) + 5 - stream->sent);
    memcpy(buffer + done, request.bytes + (stream->sent - 5), rest);
    stream->sent += rest;
    if (stream->sent == size_t(request.count) + 5) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return ssize_t(done + rest);
  }

  static int onHeader(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t nameLength, const uint8_t *value,
                      size_t valueLength, uint8_t, void *) {
    auto *stream = static_cast<Stream *>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
    if (stream == nullptr) return 0;
    auto is = [&](const char *text) { return nameLength == strlen(text) && memcmp(name, text, nameLength) == 0; };
    if (is("grpc-status")) stream->status.assign(reinterpret_cast<const char *>(value), valueLength);
    if (is("grpc-status-details-bin")) stream->details.assign(reinterpret_cast<const char *>(value), valueLength);
    if (is("grpc-message")) stream->message.assign(reinterpret_cast<const char *>(value), valueLength);
    return 0;
  }

  static int onData(nghttp2_session *session, uint8_t, int32_t id, const uint8_t *data, size_t length, void *) {
    auto *stream = static_cast<Stream *>(nghttp2_session_get_stream_user_data(session, id));
    if (stream != nullptr) stream->reply.append(reinterpret_cast<const char *>(data), length);
    return 0;
  }

  static int onClose(nghttp2_session *session, int32_t id, uint32_t code, void *user) {
    auto *self = static_cast<Connection *>(user);
    std::unique_ptr<Stream> stream(static_cast<Stream *>(nghttp2_session_get_stream_user_data(session, id)));
    if (!stream) return 0;
    self->open_--;
    self->count(*stream, code);
    if (self->options_.rate == 0) self->submit();
    return 0;
  }

  void count(const Stream &stream, uint32_t code) {
    uint64_t spent = now() - stream.begin;
    if (options_.rate > 0 && stream.status == "4") {
      tally_.expired++;
    } else if (options_.rate > 0 && stream.status == "14") {
      if (unbased(stream.details).find("google.rpc.RetryInfo") == std::string::npos) fail("a refusal doesn't say when to come again");
      tally_.refused++;
    } else {
      check(stream, code);
      if (options_.rate > 0 && spent > options_.timeout * 1'000'000) tally_.late++;
      else tally_.latencies.push_back(uint32_t(spent / 1000));
    }
  }

  // Base64, with or without padding.
  static std::string unbased(std::string text) {
    while (text.size() % 4 != 0) text.push_back('=');
    std::string bytes(text.size() / 4 * 3 + 1, 0);
    int count = EVP_DecodeBlock(reinterpret_cast<uint8_t *>(bytes.data()), reinterpret_cast<const uint8_t *>(text.data()), int(text.size()));
    bytes.resize(size_t(std::max(count, 0)));
    return bytes;
  }

  void check(const Stream &stream, uint32_t code) const {
    if (stream.status != "0") {
      fail("a call ended with status " + stream.status + " (HTTP/2 code " + std::to_string(code) + "): " + stream.message);
    }
    const std::string &reply = stream.reply, &prefix = options_.prefix;
    if (reply.size() < 5 + prefix.size() || reply.compare(5, prefix.size(), prefix) != 0) fail("a reply doesn't begin as it should");
    const Piece &expected = stream.call->expected;
    if (memmem(reply.data(), reply.size(), expected.bytes, expected.count) == nullptr) fail("a reply doesn't say what it should");
  }

  const Options &options_;
  std::vector<nghttp2_nv> fields_;
  Calls &calls_;
  Tally &tally_;
  int socket_ = -1, open_ = 0;
  SSL *ssl_ = nullptr;
  nghttp2_session *session_ = nullptr;
  std::vector<uint8_t> output_;
  size_t written_ = 0;
};

std::string unhexed(const std::string &digits) {
  std::string bytes;
  for (size_t at = 0; at + 1 < digits.size(); at += 2) bytes.push_back(char(std::stoi(digits.substr(at, 2), nullptr, 16)));
  return bytes;
}

Options parsed(int argc, char **argv) {
  Options options;
  for (int at = 1; at < argc; at++) {
    std::string name = argv[at];
    if (name == "--once") {
      options.once = true;
      continue;
    }
    if (++at == argc) fail(name + " has no value");
    std::string value = argv[at];
    if (name == "--port") options.port = std::stoi(value);
    else if (name == "--trust") options.trust = value;
    else if (name == "--certificate") options.certificate = value;
    else if (name == "--key") options.key = value;
    else if (name == "--path") options.path = value;
    else if (name == "--calls") options.calls = value;
    else if (name == "--connections") options.connections = std::stoi(value);
    else if (name == "--streams") options.streams = std::stoi(value);
    else if (name == "--seconds") options.seconds = std::stod(value);
    else if (name == "--rate") options.rate = std::stod(value);
    else if (name == "--timeout") options.timeout = std::stoull(value);
    else if (name == "--from") options.from = std::stoul(value), options.inOrder = true;
    else if (name == "--prefix") options.prefix = unhexed(value);
    else if (name == "--header") {
      size_t colon = value.find(':');
      if (colon == std::string::npos) fail("a header is name:value");
      options.headers.emplace_back(value.substr(0, colon), value.substr(colon + 1));
    } else fail(name + " is unknown");
  }
  options.headers.insert(options.headers.begin(), {{":method", "POST"},
                                                   {":scheme", "https"},
                                                   {":path", options.path},
                                                   {":authority", "localhost"},
                                                   {"te", "trailers"},
                                                   {"content-type", "application/grpc"},
                                                   {"grpc-timeout", std::to_string(options.timeout) + "m"}});
  if (options.port == 0 || options.path.empty() || options.calls.empty() || options.trust.empty()) {
    fail("--port, --trust, --path and --calls are needed");
  }
  return options;
}

SSL_CTX *context(const Options &options) {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context, options.trust.c_str(), nullptr) != 1) fail("can't read " + options.trust);
  if (!options.certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
    fail("can't read the certificate or its key");
  }
  static const uint8_t protocols[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols);
  return context;
}

// When calls come that don't wait for each other: at random, so many a second.
class Arrivals {
 public:
  Arrivals(double rate, double seconds) : gap_(1e9 / rate), next_(double(now())), end_(now() + uint64_t(seconds * 1e9)) {}

  bool isOver() const { return now() >= end_; }
  uint64_t wait() const { return next_ <= double(now()) ? 0 : uint64_t(next_) - now(); }

  // Whether another one has come by now.
  bool take() {
    if (isOver() || next_ > double(now())) return false;
    next_ += std::exponential_distribution<double>(1 / gap_)(random_);
    return true;
  }

 private:
  double gap_, next_;
  uint64_t end_;
  std::mt19937_64 random_{42};
};

void report(const Options &options, Tally &tally, double spent) {
  auto &latencies = tally.latencies;
  if (latencies.empty() && options.rate == 0) fail("no call was made");
  std::sort(latencies.begin(), latencies.end());
  auto percentile = [&](double part) { return latencies.empty() ? 0 : latencies[size_t(part * double(latencies.size() - 1))] / 1000.0; };
  printf("%zu calls in %.3f s: %.1f calls/s, p50 %.3f ms, p99 %.3f ms", latencies.size(), spent, double(latencies.size()) / spent,
         percentile(0.5), percentile(0.99));
  if (options.rate > 0) printf(", %zu refused, %zu expired, %zu late", tally.refused, tally.expired, tally.late);
  printf("\n");
}

}  // namespace

int main(int argc, char **argv) {
  Options options = parsed(argc, argv);
  SSL_CTX *tls = context(options);
  Calls calls(options);
  Tally tally;
  tally.latencies.reserve(1 << 22);
  std::vector<std::unique_ptr<Connection>> connections;
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  uint64_t begin = now();
  for (int number = 0; number < options.connections; number++) {
    connections.push_back(std::make_unique<Connection>(options, tls, calls, tally));
    epoll_event event{EPOLLIN, {.ptr = connections.back().get()}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections.back()->socket(), &event);
    connections.back()->write();
  }
  auto isUnderWay = [](const std::unique_ptr<Connection> &connection) { return !connection->isDone(); };
  bool isOpenLoop = options.rate > 0;
  Arrivals arrivals(isOpenLoop ? options.rate : 1, options.seconds);
  uint64_t lastEvent = now(), turn = 0;
  while ((isOpenLoop && !arrivals.isOver()) || std::any_of(connections.begin(), connections.end(), isUnderWay)) {
    epoll_event events[64];
    timespec nap{0, long(isOpenLoop && !arrivals.isOver() ? std::min(arrivals.wait(), uint64_t(1'000'000)) : 999'000'000)};
    int count = epoll_pwait2(epoll, events, 64, &nap, nullptr);
    if (count > 0) lastEvent = now();
    if (now() - lastEvent > 35'000'000'000) fail("no answer for 35 s");
    // A few at a time: what has been answered meanwhile must be seen.
    for (int taken = 0; isOpenLoop && taken < 64 && arrivals.take(); taken++) {
      Connection &connection = *connections[turn++ % connections.size()];
      connection.submit();
      if (!connection.wantsWriting()) connection.write();
    }
    for (int at = 0; at < count; at++) {
      auto *connection = static_cast<Connection *>(events[at].data.ptr);
      connection->read();
      connection->write();
      epoll_event event{connection->wantsWriting() ? uint32_t(EPOLLIN | EPOLLOUT) : uint32_t(EPOLLIN), {.ptr = connection}};
      epoll_ctl(epoll, EPOLL_CTL_MOD, connection->socket(), &event);
    }
  }
  double spent = double(now() - begin) / 1e9;
  report(options, tally, spent);
  connections.clear();
  return 0;
}
