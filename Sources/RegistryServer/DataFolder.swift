internal import Foundation
internal import Glibc

/// Where `registryd` keeps what is its own, and where each thing lies in it.
package struct DataFolder: Sendable, Equatable {
  /// The folder, as an absolute path.
  package let path: String

  /// A folder, which need not exist yet.
  package init(path: String) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The root that certificates of the outer world, of staff and of gateways lead to, PEM.
  package var authorityCertificate: String { file("ca/ca.pem") }
  /// The development CA's private key; a real site keeps its own elsewhere.
  package var authorityKey: String { file("ca/ca.key") }
  /// What the development CA has taken back, PEM.
  package var revocationList: String { file("ca/ca.crl") }
  /// The SM2 key that signs licences and volumes.
  package var signingKey: String { file("keys/registry-sm2.key") }
  /// Its public key, PEM, for whoever verifies offline.
  package var signingPublicKey: String { file("ca/registry-sm2.pub") }
  /// The private PostgreSQL cluster.
  package var cluster: String { file("postgres") }
  /// The addresses listened on, while the server runs.
  package var endpoints: String { file("endpoints.json") }
  /// The running server's process id; locked by it.
  package var processID: String { file("registryd.pid") }
  /// How far the development clock is from the system's.
  var clock: String { file("clock.json") }

  /// The certificate of somebody or something, PEM.
  package func certificate(of name: String) -> String { file("tls/\(name).pem") }
  /// The private key of somebody or something, PEM, mode 0600.
  package func key(of name: String) -> String { file("tls/\(name).key") }

  private func file(_ name: String) -> String { path + "/" + name }

  /// Whether there is a folder of that path.
  var isFolder: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The bytes of a file.
  ///
  /// - Throws: `ServerError.unreadable` with the path.
  static func bytes(of path: String) throws(ServerError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path) }
    return Array(data)
  }

  /// Makes the folders that others lie in, searchable by the database's user, and no more.
  func create() throws {
    for folder in ["", "/ca", "/keys", "/tls"] {
      try FileManager.default.createDirectory(
        atPath: path + folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: folder == "/keys" ? 0o700 : 0o755]
      )
    }
  }

  /// Takes the folder for this process, and writes the process id into it.
  ///
  /// The lock ends with the process, by whatever death.
  ///
  /// - Returns: What holds the lock for as long as it lives.
  /// - Throws: `ServerError.folderInUse`, `unwritable`.
  func lock() throws(ServerError) -> FolderLock {
    let descriptor = open(processID, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .unwritable(processID) }
    let lock = FolderLock(descriptor: descriptor, path: processID)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .folderInUse(path) }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, write(descriptor, text, text.count) == text.count else {
      throw .unwritable(processID)
    }
    return lock
  }
}

/// Holds a data folder for this process.
final class FolderLock: Sendable {
  private let descriptor: Int32
  private let path: String

  fileprivate init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    close(descriptor)
  }

  /// Says that no server runs any more.
  func clear() {
    ftruncate(descriptor, 0)
  }
}
