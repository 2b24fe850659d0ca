// libssl for the transport: function-like macros that Swift cannot import, as functions.
#ifndef CLIBSSL_SHIM_H
#define CLIBSSL_SHIM_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/stack.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// TLS 1.3 and nothing else.
static inline int clibssl_require_tls13(SSL_CTX *context) {
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1;
}

static inline void clibssl_release_idle_buffers(SSL_CTX *context) {
  (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

static inline void clibssl_disable_session_cache(SSL_CTX *context) {
  (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

// Sessions are told to the callback that keeps them, and kept nowhere else.
static inline void clibssl_tell_client_sessions(SSL_CTX *context) {
  (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
}

static inline int clibssl_set_groups(SSL_CTX *context, const char *names) {
  return SSL_CTX_set1_groups_list(context, (char *)names) == 1;
}

static inline void clibssl_refuse_tickets(SSL_CTX *context) {
  (void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

// HMAC with SHA-256.
static inline int clibssl_key_ticket_mac(EVP_MAC_CTX *mac, const unsigned char *key, size_t length) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[3];
  parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, length);
  parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
  parameters[2] = OSSL_PARAM_construct_end();
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

static inline int clibssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate) == 1;
}

static inline int clibssl_set_server_name(SSL *ssl, const char *name) {
  return SSL_set_tlsext_host_name(ssl, (char *)name) == 1;
}

// The callback sees records' headers and alerts too, both ways.
static inline void clibssl_tell_messages(SSL *ssl,
                                         void (*callback)(int, int, int, const void *, size_t, SSL *, void *),
                                         void *argument) {
  SSL_set_msg_callback(ssl, callback);
  (void)SSL_set_msg_callback_arg(ssl, argument);
}

static inline void clibssl_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

static inline void clibssl_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline int clibssl_general_names_count(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}

static inline GENERAL_NAME *clibssl_general_name(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

// The string of a DNS name, URI or e-mail address; null for other kinds.
static inline ASN1_STRING *clibssl_general_name_text(const GENERAL_NAME *name) {
  switch (name->type) {
  case GEN_DNS: case GEN_URI: case GEN_EMAIL: return name->d.ia5;
  default: return NULL;
  }
}

static inline int clibssl_general_name_kind(const GENERAL_NAME *name) { return name->type; }

static inline long clibssl_memory_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// RFC 2253, UTF-8 left as it is.
static inline unsigned long clibssl_name_style(void) {
  return XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
}

static inline int clibssl_pem_ended(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}
#endif
