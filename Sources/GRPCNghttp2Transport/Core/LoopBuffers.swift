/// Memory that all connections of one loop share, since each uses it only within a call.
///
/// One object a loop and transport; used on that loop's thread only. So an idle connection holds no
/// buffers.
final class LoopBuffers: @unchecked Sendable {
  // Unchecked: confined to one loop's thread.

  /// What one `recv` takes: 64 KiB.
  let received = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
  /// One decrypted TLS record, or several small ones: 16 KiB.
  let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
  /// HTTP/2 frames being packed into one TLS record: 16 KiB.
  let staging = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)
  /// Compresses and decompresses messages; takes memory once it has.
  let codec = MessageCodec()
  /// Records on their way to `send`; empty whenever a connection returns to its loop.
  private(set) var ciphertext: UnsafeMutableRawBufferPointer
  private(set) var ciphertextCount = 0
  /// What the loop's HTTP/2 sessions share.
  let sessions = SessionMemory()

  /// From this many bytes on, ciphertext is worth a `send`.
  static let sendThreshold = 131_072

  init() {
    ciphertext = .allocate(byteCount: Self.sendThreshold + 32_768, alignment: 16)
  }

  deinit {
    received.deallocate()
    plaintext.deallocate()
    staging.deallocate()
    ciphertext.deallocate()
  }

  func appendCiphertext(_ bytes: UnsafeRawBufferPointer) {
    let needed = ciphertextCount + bytes.count
    if needed > ciphertext.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: needed * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: ciphertext[..<ciphertextCount]))
      ciphertext.deallocate()
      ciphertext = larger
    }
    UnsafeMutableRawBufferPointer(rebasing: ciphertext[ciphertextCount..<needed])
      .copyMemory(from: bytes)
    ciphertextCount = needed
  }

  /// Hands over the ciphertext collected and empties it.
  func takeCiphertext() -> UnsafeRawBufferPointer {
    defer { ciphertextCount = 0 }
    return UnsafeRawBufferPointer(rebasing: ciphertext[..<ciphertextCount])
  }
}
