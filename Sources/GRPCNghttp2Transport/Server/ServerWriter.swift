internal import EventLoops
internal import GRPCCore

/// A handler's way to its response; any thread.
///
/// Writing waits while more than 64 KiB are queued.
struct ServerWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCResponsePart<[UInt8]>

  let stream: ServerStream

  func write(_ part: RPCResponsePart<[UInt8]>) async throws {
    let stream = stream
    let hasRoom: Bool
    if stream.loop.isCurrent {
      try stream.write(part)
      hasRoom = stream.outbox.hasRoom
    } else {
      hasRoom = try await stream.loop.run {
        try stream.write(part)
        return stream.outbox.hasRoom
      }
    }
    guard !hasRoom, case .message = part else { return }
    await stream.waitForRoom()
    // A cancelled task doesn't wait, so it must not go on writing.
    try Task.checkCancellation()
  }

  func write(contentsOf parts: some Sequence<RPCResponsePart<[UInt8]>>) async throws {
    for part in parts { try await write(part) }
  }

  /// The status has ended the response already.
  func finish() async {}

  func finish(throwing error: any Error) async {
    let failure = error as? RPCError ?? RPCError(code: .unknown, message: "The call failed.")
    let stream = stream
    stream.loop.execute { stream.end(early: failure) }
  }
}
