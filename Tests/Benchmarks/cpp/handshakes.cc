// Shakes hands over TLS 1.3 as fast as one thread can, full or resumed, and counts.
//
//   handshakes HOST PORT SECONDS full|resumed
//
// Each connection offers h2, waits for the server's first bytes (its SETTINGS, behind its ticket), and is cut by a RST, so
// that no port waits. "resumed" makes one full handshake first, then uses each ticket once; a handshake that is not what
// was asked for ends the program with 1. Prints the number of handshakes and the seconds they took.
#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace {

SSL_SESSION *ticket = nullptr;

[[noreturn]] void fail(const char *what) {
  std::fprintf(stderr, "handshakes: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

int keep(SSL *, SSL_SESSION *session) {
  SSL_SESSION_free(ticket);
  ticket = session;
  return 1;
}

SSL_CTX *settings() {
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  const unsigned char h2[] = {2, 'h', '2'};
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set1_groups_list(context, "P-256") != 1 || SSL_CTX_set_alpn_protos(context, h2, sizeof h2) != 0) {
    fail("no TLS 1.3");
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep);
  return context;
}

int connected(const sockaddr_in &address) {
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 || connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
    fail("no connection");
  }
  const int one = 1;
  const linger cut = {1, 0};
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &cut, sizeof cut);
  return descriptor;
}

/// One handshake; whether it resumed a session.
bool shake(SSL_CTX *context, const sockaddr_in &address, bool resumes) {
  int descriptor = connected(address);
  SSL *ssl = SSL_new(context);
  SSL_set_fd(ssl, descriptor);
  if (resumes && ticket != nullptr) {
    SSL_set_session(ssl, ticket);
    SSL_SESSION_free(ticket);
    ticket = nullptr;
  }
  char first[64];
  if (SSL_connect(ssl) != 1 || SSL_read(ssl, first, sizeof first) <= 0) fail("no handshake");
  const bool isResumed = SSL_session_reused(ssl) == 1;
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl);
  close(descriptor);
  return isResumed;
}

}  // namespace

int main(int count, char **words) {
  if (count != 5) fail("usage: handshakes HOST PORT SECONDS full|resumed");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(words[2])));
  if (inet_pton(AF_INET, words[1], &address.sin_addr) != 1) fail("no numeric address");
  const double seconds = std::atof(words[3]);
  const bool resumes = std::string(words[4]) == "resumed";
  SSL_CTX *context = settings();
  if (resumes && shake(context, address, false)) fail("the first handshake was resumed");
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  long done = 0;
  std::chrono::duration<double> passed{};
  do {
    if (shake(context, address, resumes) != resumes) fail("a handshake was not what was asked for");
    ++done;
    passed = Clock::now() - begin;
  } while (passed.count() < seconds);
  std::printf("%ld %.6f\n", done, passed.count());
  return 0;
}
