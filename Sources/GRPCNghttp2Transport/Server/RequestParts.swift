internal import GRPCCore

/// A call's request as the handler iterates it.
struct RequestParts: AsyncSequence, Sendable {
  typealias Element = RPCRequestPart<[UInt8]>
  typealias Failure = any Error

  let queue: InboundQueue<RPCRequestPart<[UInt8]>>

  func makeAsyncIterator() -> Iterator {
    Iterator(queue: queue)
  }

  struct Iterator: AsyncIteratorProtocol {
    let queue: InboundQueue<RPCRequestPart<[UInt8]>>

    mutating func next() async throws -> RPCRequestPart<[UInt8]>? {
      try await queue.next()
    }

    mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(any Error) -> RPCRequestPart<[UInt8]>? {
      try await queue.next()
    }
  }
}
