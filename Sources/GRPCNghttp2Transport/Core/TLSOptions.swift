/// A certificate chain and its private key, as PEM.
public struct TLSIdentity: Sendable, CustomStringConvertible {
  /// The own certificate, then the intermediate ones in order; PEM.
  public var certificateChain: [UInt8]
  /// The private key, PEM, without a passphrase.
  public var privateKey: [UInt8]

  /// An identity of given PEM bytes; they are read when a transport is made of them.
  public init(certificateChain: [UInt8], privateKey: [UInt8]) {
    self.certificateChain = certificateChain
    self.privateKey = privateKey
  }

  /// Not the key.
  public var description: String { "TLSIdentity(\(certificateChain.count) bytes of certificates)" }
}

/// How a server speaks TLS.
///
/// Always version 1.3 with ALPN `h2`; never early data.
public struct ServerTLSOptions: Sendable {
  /// Whether clients show a certificate.
  public enum ClientCertificates: Sendable, Equatable {
    /// They aren't asked.
    case none
    /// They are asked; one that is shown must verify.
    case optional
    /// They must show one that verifies.
    case required
  }

  /// The server's own certificate chain and key.
  public var identity: TLSIdentity
  /// Whether clients show a certificate.
  public var clientCertificates: ClientCertificates
  /// The only roots that client certificates may lead to; PEM.
  ///
  /// Needed unless none are asked.
  public var clientTrustRoots: [UInt8]
  /// Revocation lists, PEM or DER; empty for no look-up.
  ///
  /// If not empty, every issuer of a client's own certificate needs a current one: where it is
  /// missing or past its next update, its certificates are refused. Certificates between the
  /// client's and the root are looked up where their issuer's list is given.
  public var clientRevocationLists: [UInt8]
  /// How long after its full handshake a session can be resumed with a ticket; nil for never.
  ///
  /// From 1 s to 7 days (RFC 8446, 4.6.1); default 2 h. Taken when a transport is made, not when
  /// its certificates are replaced. A key seals tickets for as long, and opens them twice as long.
  public var sessionLifetime: Duration?

  /// Options of a server; by default clients aren't asked for certificates.
  public init(
    identity: TLSIdentity,
    clientCertificates: ClientCertificates = .none,
    clientTrustRoots: [UInt8] = [],
    clientRevocationLists: [UInt8] = [],
    sessionLifetime: Duration? = .seconds(7_200)
  ) {
    self.identity = identity
    self.clientCertificates = clientCertificates
    self.clientTrustRoots = clientTrustRoots
    self.clientRevocationLists = clientRevocationLists
    self.sessionLifetime = sessionLifetime
  }
}

/// How a client speaks TLS.
///
/// Always version 1.3 with ALPN `h2`, and the server is always verified.
public struct ClientTLSOptions: Sendable {
  /// Which roots the server's certificate may lead to.
  public enum TrustRoots: Sendable, Equatable {
    /// Those of the operating system.
    case system
    /// These, as PEM.
    case pem([UInt8])
  }

  /// Which roots the server's certificate may lead to.
  public var trustRoots: TrustRoots
  /// The client's own certificate and key, if the server asks for them.
  public var identity: TLSIdentity?
  /// The name or IP address that the server's certificate must bear; nil for the one connected to.
  public var serverName: String?
  /// Whether to resume sessions where the server allows it, each once; its certificate is verified
  /// again.
  public var resumesSessions: Bool

  /// Options of a client.
  public init(
    trustRoots: TrustRoots,
    identity: TLSIdentity? = nil,
    serverName: String? = nil,
    resumesSessions: Bool = true
  ) {
    self.trustRoots = trustRoots
    self.identity = identity
    self.serverName = serverName
    self.resumesSessions = resumesSessions
  }
}
