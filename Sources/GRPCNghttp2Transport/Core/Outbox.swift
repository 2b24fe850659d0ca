internal import EventLoops
internal import GRPCCore

/// The messages a stream has to send, and those who wait until it may take more.
///
/// Confined to the stream's loop.
struct Outbox {
  /// From this many queued bytes on, writers wait.
  static let highWater = 65_536
  /// Below this many, they go on.
  static let lowWater = 32_768

  /// What follows the last message.
  enum Ending {
    /// The end of the stream.
    case end
    /// Trailers.
    case trailers(HeaderList)
  }

  /// What a DATA frame was filled with.
  enum Filled {
    case bytes(Int)
    case later
    case end(Int)
    case endBeforeTrailers(Int)
  }

  fileprivate struct Message {
    let bytes: [UInt8]
    let isCompressed: Bool
    /// How many bytes of the prefix and the message are sent.
    var sent = 0
    var isSent: Bool { sent == bytes.count + 5 }
  }

  private var messages = FIFO<Message>()
  /// Bytes queued, prefixes included.
  private(set) var queuedBytes = 0
  private(set) var ending: Ending?
  /// The session asked and got nothing, so it must be told when there is something.
  private(set) var awaitsMore = false
  private(set) var isClosed = false
  /// Whether the end was handed over.
  private var isEnded = false

  /// Whether something waits to be sent, if only the end.
  var isBlocked: Bool { queuedBytes > 0 || (ending != nil && !isEnded && !isClosed) }

  private var waiting: [RoomWaiter] = []

  /// Whether a writer may go on without waiting.
  var hasRoom: Bool { queuedBytes < Self.highWater }

  /// Whether a message has been sent in part.
  private(set) var isWithinMessage = false

  /// Queues a message as it goes over the wire; returns whether the session must be told.
  mutating func append(_ bytes: [UInt8], isCompressed: Bool = false) -> Bool {
    messages.append(Message(bytes: bytes, isCompressed: isCompressed))
    queuedBytes += bytes.count + 5
    return asked()
  }

  /// Queues the end; returns whether the session must be told.
  mutating func end(_ ending: Ending) -> Bool {
    self.ending = ending
    return asked()
  }

  private mutating func asked() -> Bool {
    defer { awaitsMore = false }
    return awaitsMore
  }

  /// Drops the messages that wait; only meaningful while `isWithinMessage` is false.
  mutating func dropWaiting() {
    messages.removeAll()
    queuedBytes = 0
    releaseWaiting()
  }

  /// Moves queued bytes into a DATA frame.
  mutating func fill(_ room: UnsafeMutableRawBufferPointer) -> Filled {
    var count = 0
    while count < room.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: room[count...])
      guard let (moved, isDone) = messages.withFirst({ ($0.move(to: rest), $0.isSent) }) else {
        break
      }
      count += moved
      isWithinMessage = !isDone
      if isDone { _ = messages.popFirst() }
    }
    queuedBytes -= count
    if queuedBytes < Self.lowWater { releaseWaiting() }
    if messages.isEmpty, let ending {
      isEnded = true
      switch ending {
      case .end: return .end(count)
      case .trailers: return .endBeforeTrailers(count)
      }
    }
    if count == 0 {
      awaitsMore = true
      return .later
    }
    return .bytes(count)
  }

  /// Lets a writer wait for room; it is resumed at once if there is some, and with an error once
  /// the stream is closed.
  mutating func wait(_ waiter: RoomWaiter, _ continuation: UnsafeContinuation<Void, Never>) {
    waiter.continuation = continuation
    if isClosed || hasRoom || waiter.isCancelled {
      waiter.resume()
    } else {
      waiting.append(waiter)
    }
  }

  mutating func cancel(_ waiter: RoomWaiter) {
    waiter.isCancelled = true
    waiting.removeAll { $0 === waiter }
    waiter.resume()
  }

  /// Drops everything and lets the writers find out.
  mutating func close() {
    isClosed = true
    messages.removeAll()
    isWithinMessage = false
    queuedBytes = 0
    releaseWaiting()
  }

  // Resuming only queues the writer's job, so nothing comes back here before this is done.
  private mutating func releaseWaiting() {
    guard !waiting.isEmpty else { return }
    for waiter in waiting { waiter.resume() }
    waiting.removeAll(keepingCapacity: true)
  }
}

extension Outbox.Message {
  /// Copies what isn't sent yet, as far as there is room.
  fileprivate mutating func move(to room: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while sent < 5, count < room.count {
      let length = UInt32(truncatingIfNeeded: bytes.count)
      room[count] =
        sent == 0
        ? (isCompressed ? 1 : 0) : UInt8(truncatingIfNeeded: length >> UInt32(8 * (4 - sent)))
      sent += 1
      count += 1
    }
    let part = min(bytes.count + 5 - sent, room.count - count)
    guard sent >= 5, part > 0 else { return count }
    bytes.withUnsafeBytes { source in
      UnsafeMutableRawBufferPointer(rebasing: room[count..<count + part])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[sent - 5..<sent - 5 + part]))
    }
    sent += part
    return count + part
  }
}

/// A writer that waits for room.
final class RoomWaiter: @unchecked Sendable {
  // Unchecked: used on the stream's loop only.

  var isCancelled = false
  var continuation: UnsafeContinuation<Void, Never>?

  func resume() {
    continuation?.resume()
    continuation = nil
  }
}
