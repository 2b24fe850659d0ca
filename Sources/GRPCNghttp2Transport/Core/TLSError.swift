internal import CLibSSL

/// What can fail in setting up or speaking TLS.
///
/// The text is OpenSSL's own words; it never holds key material.
public enum TLSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The PEM holds no certificate, or one that can't be read.
  case certificateChain(String)
  /// The PEM holds no private key that can be read without a passphrase.
  case privateKey(String)
  /// The private key isn't that of the first certificate.
  case keyDoesNotMatchCertificate
  /// The trust roots can't be read, or there are none where they are needed.
  case trustRoots(String)
  /// The revocation lists can't be read, or one isn't signed by the root that it names.
  case revocationLists(String)
  /// The library refused its own setting; never expected.
  case setting(String)
  /// The handshake failed: version, certificate, name or alert.
  case handshake(String)
  /// The peer didn't agree to HTTP/2 by ALPN.
  case noHTTP2
  /// A record couldn't be read or written.
  case record(String)

  /// What failed, and why.
  public var description: String {
    switch self {
    case .certificateChain(let why): "certificate chain: \(why)"
    case .privateKey(let why): "private key: \(why)"
    case .keyDoesNotMatchCertificate: "the private key is not that of the certificate"
    case .trustRoots(let why): "trust roots: \(why)"
    case .revocationLists(let why): "revocation lists: \(why)"
    case .setting(let why): "TLS setting: \(why)"
    case .handshake(let why): "TLS handshake: \(why)"
    case .noHTTP2: "the peer does not speak HTTP/2 (ALPN h2)"
    case .record(let why): "TLS record: \(why)"
    }
  }

  /// Empties OpenSSL's error queue of this thread and puts it in words.
  static func drainedReasons() -> String {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      if let reason = ERR_reason_error_string(code) { reasons.append(String(cString: reason)) }
    }
    return reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; ")
  }
}
