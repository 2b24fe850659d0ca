internal import EventLoops
internal import GRPCCore

/// A caller's way to its request; any thread.
///
/// Writing a message waits while more than 64 KiB are queued.
struct RequestWriter: ClosableRPCWriterProtocol {
  typealias Element = RPCRequestPart<[UInt8]>

  let call: ClientCall

  func write(_ part: RPCRequestPart<[UInt8]>) async throws {
    let call = call
    let message: [UInt8]
    switch part {
    case .metadata(let metadata):
      // What prevents the call shows in its response; the first message needn't wait for that.
      if call.loop.isCurrent {
        call.open(metadata)
      } else {
        call.loop.execute { call.open(metadata) }
      }
      return
    case .message(let bytes):
      message = bytes
    }
    let hasRoom: Bool
    if call.loop.isCurrent {
      try call.write(message)
      hasRoom = call.outbox.hasRoom
    } else {
      hasRoom = try await call.loop.run {
        try call.write(message)
        return call.outbox.hasRoom
      }
    }
    guard !hasRoom else { return }
    await call.waitForRoom()
    // A cancelled task doesn't wait, so it must not go on writing.
    try Task.checkCancellation()
  }

  func write(contentsOf parts: some Sequence<RPCRequestPart<[UInt8]>>) async throws {
    for part in parts { try await write(part) }
  }

  func finish() async {
    let call = call
    if call.loop.isCurrent {
      call.endRequest()
    } else {
      call.loop.execute { call.endRequest() }
    }
  }

  func finish(throwing error: any Error) async {
    let call = call
    let cause =
      error as? RPCError
      ?? RPCError(code: .cancelled, message: "The request was not completed.", cause: error)
    call.loop.execute { call.fail(cause, code: 8) }
  }
}

/// A call's response as the caller iterates it.
struct ResponseParts: AsyncSequence, Sendable {
  typealias Element = RPCResponsePart<[UInt8]>
  typealias Failure = any Error

  let queue: InboundQueue<RPCResponsePart<[UInt8]>>

  func makeAsyncIterator() -> Iterator {
    Iterator(queue: queue)
  }

  struct Iterator: AsyncIteratorProtocol {
    let queue: InboundQueue<RPCResponsePart<[UInt8]>>

    mutating func next() async throws -> RPCResponsePart<[UInt8]>? {
      do {
        return try await queue.next()
      } catch is CancellationError {
        throw RPCError(code: .cancelled, message: "The call was cancelled.")
      }
    }

    mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(any Error) -> RPCResponsePart<[UInt8]>? {
      try await next()
    }
  }
}
