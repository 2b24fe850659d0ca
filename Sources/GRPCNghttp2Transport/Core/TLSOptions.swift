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
/// Always version 1.3 with ALPN `h2`, without session tickets.
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
  /// Revocation lists, PEM; may be empty.
  ///
  /// If not, every issuer of a client certificate needs a current one.
  public var clientRevocationLists: [UInt8]

  /// Options of a server; by default clients aren't asked for certificates.
  public init(
    identity: TLSIdentity,
    clientCertificates: ClientCertificates = .none,
    clientTrustRoots: [UInt8] = [],
    clientRevocationLists: [UInt8] = []
  ) {
    self.identity = identity
    self.clientCertificates = clientCertificates
    self.clientTrustRoots = clientTrustRoots
    self.clientRevocationLists = clientRevocationLists
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

  /// Options of a client.
  public init(
    trustRoots: TrustRoots,
    identity: TLSIdentity? = nil,
    serverName: String? = nil
  ) {
    self.trustRoots = trustRoots
    self.identity = identity
    self.serverName = serverName
  }
}
