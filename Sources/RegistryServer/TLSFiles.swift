internal import Foundation
internal import GRPCNghttp2Transport
internal import Glibc
internal import Identity
internal import ShangMi

/// The files that the server speaks TLS with.
struct TLSFiles: Sendable, Equatable {
  /// The server's certificate chain, PEM.
  let certificate: String
  /// Its private key, PEM.
  let key: String
  /// The roots of client and gateway certificates, PEM.
  let roots: String
  /// What these roots have taken back, PEM or DER; nothing is looked up without it.
  let revocationLists: String?

  /// Those of the operator, or of the development CA.
  init(_ configuration: ServerConfiguration) {
    switch configuration.credentials {
    case .development:
      let folder = configuration.folder
      certificate = folder.certificate(of: "registry")
      key = folder.key(of: "registry")
      roots = folder.authorityCertificate
      revocationLists = folder.revocationList
    case .files(let files, signingKey: _):
      self = files
    }
  }

  init(certificate: String, key: String, roots: String, revocationLists: String?) {
    self.certificate = certificate
    self.key = key
    self.roots = roots
    self.revocationLists = revocationLists
  }

  private var paths: [String] { [certificate, key, roots] + (revocationLists.map { [$0] } ?? []) }

  /// What tells a file from what it was: never two contents with one mark, unless written within one
  /// tick of the file system's clock and with the same length.
  struct Mark: Sendable, Equatable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil if there is no such file.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
      size = Int(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  /// The files' marks, in a fixed order.
  var marks: [Mark?] { paths.map { Mark($0) } }

  /// Reads all files.
  ///
  /// - Throws: `ServerError.unreadable`, `ShangMiError` if there are no revocation lists in theirs.
  func read() throws -> TLSMaterial {
    let lists = try revocationLists.map { try DataFolder.bytes(of: $0) } ?? []
    return TLSMaterial(
      identity: TLSIdentity(
        certificateChain: try DataFolder.bytes(of: certificate),
        privateKey: try DataFolder.bytes(of: key)
      ),
      roots: try DataFolder.bytes(of: roots),
      revocationLists: lists,
      listsEnd: try revocationLists == nil
        ? nil : RevocationList.lists(in: lists).compactMap(\.nextUpdateTime).min()
    )
  }
}

/// What the server speaks TLS with.
struct TLSMaterial: Sendable {
  /// What it shows.
  let identity: TLSIdentity
  /// The roots of client and gateway certificates, PEM.
  let roots: [UInt8]
  /// What they have taken back; PEM or DER.
  let revocationLists: [UInt8]
  /// When the first of these lists runs out, and the certificates that it speaks of are refused.
  let listsEnd: Date?

  /// Whether a list has run out.
  func hasOutdatedList(at instant: Date) -> Bool { listsEnd.map { $0 <= instant } ?? false }

  /// How a listener speaks TLS: staff must show a certificate, others may.
  func serverOptions(on listener: Listener) -> ServerTLSOptions {
    let demand: ServerTLSOptions.ClientCertificates =
      switch listener {
      case .outer: .optional
      case .inner: .required
      }
    return ServerTLSOptions(
      identity: identity,
      clientCertificates: demand,
      clientTrustRoots: roots,
      clientRevocationLists: revocationLists
    )
  }

  /// How the gateways are called.
  var clientOptions: ClientTLSOptions {
    ClientTLSOptions(trustRoots: .pem(roots), identity: identity)
  }
}
