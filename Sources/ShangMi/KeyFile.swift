internal import Glibc

/// Files that hold private keys: nobody but their owner may read them.
package enum KeyFile {
  /// Longer files are refused unread.
  private static let mostBytes = 64 << 10

  /// Reads a private key from a file that only its owner can read.
  ///
  /// - Parameters:
  ///   - path: A regular file, not a symbolic link, owned by this user or root, with no permission
  ///     for group or others, at most 64 KiB.
  ///   - passphrase: What opens the key, if it is encrypted.
  /// - Returns: The key.
  /// - Throws: `keyFileUnsafe`, `keyFileFailed`, and what `SigningKey.init(pem:passphrase:)` throws.
  package static func read(
    _ path: String,
    passphrase: String? = nil
  ) throws(ShangMiError) -> SigningKey {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .keyFileFailed(path: path, operation: "open", errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .keyFileFailed(path: path, operation: "examine", errno: errno)
    }
    try check(status, path)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .keyFileFailed(path: path, operation: "read", errno: errno) }
      filled += count
    }
    return try SigningKey(pem: String(decoding: bytes, as: UTF8.self), passphrase: passphrase)
  }

  /// Writes a private key to a new file of mode 0600, and waits until it is on the disk.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - path: Where; a file that exists already is never overwritten.
  ///   - passphrase: If given, the key is encrypted under it: 8 to 1,024 bytes of UTF-8.
  /// - Throws: `keyFileFailed` (`errno` EEXIST where a file exists), `passphraseLengthUnlawful`.
  package static func write(
    _ key: SigningKey,
    to path: String,
    passphrase: String? = nil
  ) throws(ShangMiError) {
    let text: String
    if let passphrase {
      text = try key.encryptedPEM(passphrase: passphrase)
    } else {
      text = try key.pem()
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .keyFileFailed(path: path, operation: "create", errno: errno)
    }
    defer { close(descriptor) }
    do throws(ShangMiError) {
      try write(Array(text.utf8), to: descriptor, path)
    } catch {
      unlink(path)
      throw error
    }
  }

  private static func write(
    _ bytes: [UInt8],
    to descriptor: Int32,
    _ path: String
  ) throws(ShangMiError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .keyFileFailed(path: path, operation: "write", errno: errno) }
      written += count
    }
    guard fsync(descriptor) == 0 else {
      throw .keyFileFailed(path: path, operation: "sync", errno: errno)
    }
  }

  private static func check(_ status: stat, _ path: String) throws(ShangMiError) {
    let mode = status.st_mode & 0o7777
    let reason: String? =
      if status.st_mode & S_IFMT != S_IFREG {
        "it is no regular file"
      } else if mode & 0o077 != 0 {
        "group or others have access"
      } else if status.st_uid != geteuid(), status.st_uid != 0 {
        "it belongs to another user"
      } else if !(1...mostBytes).contains(Int(status.st_size)) {
        "it is empty or larger than 64 KiB"
      } else {
        nil
      }
    if let reason { throw .keyFileUnsafe(path: path, mode: mode, reason: reason) }
  }
}
