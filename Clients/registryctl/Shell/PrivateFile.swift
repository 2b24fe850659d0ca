internal import Foundation

/// Files that only their owner may read, written whole or not at all.
enum PrivateFile {
  /// Writes a file of mode 0600 in the place of whatever stood there.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - path: Where; its folder is made with mode 0700.
  /// - Throws: `fileUnwritable`.
  static func write(_ bytes: [UInt8], to path: String) throws(ShellError) {
    try makeFolder(ofFile: path)
    let draft = path + ".\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(draft) }
    let isWritten = written(bytes, to: descriptor) && fsync(descriptor) == 0
    let reason = errno
    close(descriptor)
    guard isWritten, rename(draft, path) == 0 else {
      let cause = isWritten ? errno : reason
      unlink(draft)
      throw failure(path, cause)
    }
  }

  /// Reads a file.
  ///
  /// - Parameter path: The file.
  /// - Returns: Its content; nil if there is none.
  /// - Throws: `fileUnreadable`.
  static func read(_ path: String) throws(ShellError) -> Data? {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch CocoaError.fileReadNoSuchFile {
      return nil
    } catch {
      throw .fileUnreadable(path: path, reason: error.localizedDescription)
    }
  }

  /// Makes the folder of a file, with those above it, of mode 0700.
  ///
  /// - Parameter path: The file.
  /// - Throws: `fileUnwritable`.
  static func makeFolder(ofFile path: String) throws(ShellError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard !FileManager.default.fileExists(atPath: folder) else { return }
    try makeFolder(ofFile: folder)
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder) }
  }

  /// Does something while no other process does so for the same file.
  ///
  /// - Parameters:
  ///   - path: The file; a lock lies beside it.
  ///   - body: What to do.
  /// - Throws: `fileUnwritable`, and what the closure throws.
  static func withLock(on path: String, _ body: () throws -> Void) throws {
    try makeFolder(ofFile: path)
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw failure(path + ".lock") }
    defer { close(lock) }
    guard flock(lock, LOCK_EX) == 0 else { throw failure(path + ".lock") }
    try body()
  }

  private static func written(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func failure(_ path: String, _ cause: Int32 = errno) -> ShellError {
    .fileUnwritable(path: path, reason: String(cString: strerror(cause)))
  }
}
