internal import EventLoops
internal import GRPCCore

extension HTTP2Stream {
  // MARK: On the loop

  /// Queues a message, compressed if `outgoing` says so and it gets smaller by it; the caller waits
  /// for room afterwards if `outbox.hasRoom` is false.
  final func send(message: [UInt8]) {
    guard let connection, !outbox.isClosed, outbox.ending == nil else { return }
    var compressed: [UInt8]?
    if outgoing.encoding != .identity, message.count >= outgoing.minimumBytes {
      compressed = connection.buffers.codec.compress(message, outgoing.encoding)
    }
    if outbox.append(compressed ?? message, isCompressed: compressed != nil) {
      connection.session.resumeBody(id: id)
    }
    connection.scheduleFlush()
  }

  /// Queues the end of this side, behind the messages.
  final func sendEnd(_ ending: Outbox.Ending) {
    guard let connection, !outbox.isClosed, outbox.ending == nil else { return }
    if outbox.end(ending) { connection.session.resumeBody(id: id) }
    connection.scheduleFlush()
  }

  // MARK: Any thread

  /// Waits until the stream takes more bytes, is closed, or the calling task is cancelled.
  final func waitForRoom() async {
    let waiter = RoomWaiter()
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        if loop.isCurrent {
          outbox.wait(waiter, continuation)
        } else {
          loop.execute { self.outbox.wait(waiter, continuation) }
        }
      }
    } onCancel: {
      loop.execute { self.outbox.cancel(waiter) }
    }
  }
}
