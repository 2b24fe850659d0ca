internal import Foundation
public import GRPCNghttp2Transport

/// Where a registry listens, whom to trust there, and who we are.
public struct RegistryEndpoint: Sendable {
  /// A name, or a numeric address of version 4 or 6 without brackets.
  public var host: String
  /// 1 to 65,535.
  public var port: Int
  /// The roots that the server's certificate may lead to.
  public var trustRoots: ClientTLSOptions.TrustRoots
  /// The own certificate and key, for staff and partners; applicants have none.
  public var identity: TLSIdentity?
  /// The name or address that the server's certificate must bear; nil for `host`.
  public var serverName: String?

  /// An endpoint.
  ///
  /// - Parameters:
  ///   - host: A name or a numeric address.
  ///   - port: 1 to 65,535.
  ///   - trustRoots: The roots to trust; by default those of the operating system.
  ///   - identity: The own certificate and key, for staff and partners.
  ///   - serverName: What the server's certificate must bear; nil for `host`.
  public init(
    host: String,
    port: Int,
    trustRoots: ClientTLSOptions.TrustRoots = .system,
    identity: TLSIdentity? = nil,
    serverName: String? = nil
  ) {
    self.host = host
    self.port = port
    self.trustRoots = trustRoots
    self.identity = identity
    self.serverName = serverName
  }

  /// An endpoint whose certificates lie in files.
  ///
  /// - Parameters:
  ///   - host: A name or a numeric address.
  ///   - port: 1 to 65,535.
  ///   - trustRootsFile: PEM with the roots to trust.
  ///   - certificateFile: PEM with the own certificate, then the intermediate ones.
  ///   - keyFile: PEM with the own private key.
  /// - Throws: `ENDPOINT_FILE_UNREADABLE`; `ENDPOINT_INVALID` if only one of certificate and key is
  ///   given.
  public init(
    host: String,
    port: Int,
    trustRootsFile: String,
    certificateFile: String? = nil,
    keyFile: String? = nil
  ) throws(RegistryFailure) {
    var identity: TLSIdentity?
    switch (certificateFile, keyFile) {
    case (let certificate?, let key?):
      identity = TLSIdentity(
        certificateChain: try Self.bytes(of: certificate),
        privateKey: try Self.bytes(of: key)
      )
    case (nil, nil): break
    case (.some, nil), (nil, .some):
      throw .endpointInvalid("A certificate and its key are given together or not at all.")
    }
    self.init(
      host: host,
      port: port,
      trustRoots: .pem(try Self.bytes(of: trustRootsFile)),
      identity: identity
    )
  }

  private static func bytes(of path: String) throws(RegistryFailure) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .fileUnreadable(path)
    }
    return Array(data)
  }
}
