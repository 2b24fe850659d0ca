internal import Foundation

/// A file that bytes are written to; it takes its name only when it is whole.
struct FileSink: Sendable {
  private let path: String
  private let draft: String
  private let descriptor: Int32

  /// Opens a file beside the one to write.
  ///
  /// - Parameter path: The file that `finish` makes or replaces; `-` for standard output.
  /// - Throws: `fileUnwritable`.
  init(_ path: String) throws(ShellError) {
    self.path = path
    draft = path + ".part"
    descriptor =
      path == "-" ? STDOUT_FILENO : open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure() }
  }

  /// Writes all of the bytes.
  ///
  /// - Parameter data: The bytes.
  /// - Throws: `fileUnwritable`.
  func write(_ data: Data) throws(ShellError) {
    var rest = Array(data)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      rest = rest.dropFirst(count)
    }
  }

  /// Gives the file its name.
  ///
  /// - Throws: `fileUnwritable`.
  func finish() throws(ShellError) {
    guard path != "-" else { return }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(draft, path) == 0 else {
      throw failure()
    }
  }

  /// Leaves nothing behind.
  func abandon() {
    guard path != "-" else { return }
    close(descriptor)
    unlink(draft)
  }

  private func failure() -> ShellError {
    .fileUnwritable(path: path, reason: String(cString: strerror(errno)))
  }
}
