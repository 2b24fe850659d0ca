internal import CNghttp2
internal import Glibc

/// Where nghttp2's server sessions of one loop get their memory: from `malloc`, but for the buffer in
/// which a session makes the frame that it hands out next.
///
/// nghttp2 allocates that buffer, 16 KiB, with each session and keeps it, though it holds nothing
/// between the call that returns a frame and the next one: a frame is made and returned in one call,
/// and copied before the next (`HTTP2Connection.packRecords`). So all sessions of a loop share one; it
/// is more than the rest of a session takes.
///
/// A client's session keeps the connection preface in that buffer from the beginning, so it needs its
/// own.
final class SessionMemory {
  /// What nghttp2 1.52 asks for is 16,394 bytes; another size is served by `malloc`.
  private static let sizes = 16_384...16_640

  private let frame = UnsafeMutableRawPointer.allocate(byteCount: 16_640, alignment: 16)
  /// Set while a session is made, until it has got the buffer.
  private var lends = false

  deinit {
    frame.deallocate()
  }

  /// Makes a session; it must not outlive this object.
  func makeSession(_ make: (UnsafeMutablePointer<nghttp2_mem>) -> Int32) -> Int32 {
    var functions = nghttp2_mem(
      mem_user_data: Unmanaged.passUnretained(self).toOpaque(),
      malloc: { size, _ in Glibc.malloc(size) },
      free: { pointer, user in SessionMemory.of(user).release(pointer) },
      calloc: { count, size, _ in Glibc.calloc(count, size) },
      realloc: { pointer, size, user in SessionMemory.of(user).resize(pointer, size) }
    )
    lends = true
    defer { lends = false }
    return make(&functions)
  }

  private static func of(_ user: UnsafeMutableRawPointer?) -> SessionMemory {
    guard let user else { preconditionFailure("nghttp2 lost its memory's owner") }
    return Unmanaged<SessionMemory>.fromOpaque(user).takeUnretainedValue()
  }

  private func release(_ pointer: UnsafeMutableRawPointer?) {
    if pointer != frame { free(pointer) }
  }

  private func resize(
    _ pointer: UnsafeMutableRawPointer?,
    _ size: Int
  ) -> UnsafeMutableRawPointer? {
    if pointer == nil, lends, Self.sizes.contains(size) {
      lends = false
      return frame
    }
    guard pointer == frame else { return realloc(pointer, size) }
    // Never asked for by nghttp2 1.52.
    guard let own = malloc(size) else { return nil }
    own.copyMemory(from: frame, byteCount: min(size, 16_384))
    return own
  }
}
