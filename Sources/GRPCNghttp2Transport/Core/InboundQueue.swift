internal import EventLoops

/// What a stream has received and its application hasn't taken yet, for one consumer.
///
/// Hand it to `RPCAsyncSequence` by an `AsyncSequence` of your own with a concrete element, as
/// `RequestParts` does: called through a generic type's conformance it would run unspecialised,
/// which costs a call thousands of instructions.
///
/// `push` and `finish` on the stream's loop; iteration on any thread. A consumer whose task is
/// cancelled while it waits gets `CancellationError`.
final class InboundQueue<Element: Sendable>: @unchecked Sendable {
  // Unchecked: all state is used on the loop only.

  private enum Ready {
    case element(Element)
    case end
    case failure(any Error)
  }

  private final class Waiter: @unchecked Sendable {
    // Unchecked: used on the loop only.
    var continuation: UnsafeContinuation<Element?, any Error>?
    var isCancelled = false

    func resume(_ result: Result<Element?, any Error>) {
      continuation?.resume(with: result)
      continuation = nil
    }
  }

  private let loop: EventLoop
  private var elements = FIFO<(element: Element, bytes: Int?)>()
  private var ending: Ready?
  private var waiter: Waiter?
  /// Told how many message bytes were taken; nil once there is nothing more to tell.
  private var stream: HTTP2Stream?

  init(stream: HTTP2Stream) {
    loop = stream.loop
    self.stream = stream
  }

  /// Whether nothing waits to be taken.
  var isEmpty: Bool { elements.isEmpty }

  // MARK: On the loop

  /// Adds an element, or hands it to the consumer that waits.
  ///
  /// `bytes` is what it counts for flow control: a message's size, nil for anything else.
  func push(_ element: Element, bytes: Int?) {
    guard ending == nil else { return }
    if let waiter {
      self.waiter = nil
      waiter.resume(.success(element))
      if let bytes { stream?.took(bytes: bytes) }
    } else {
      elements.append((element: element, bytes: bytes))
    }
  }

  /// Ends the sequence behind what waits; only the first call counts.
  func finish() {
    end(.end)
  }

  /// Ends the sequence with an error, in front of what waits if `atOnce`; only the first end
  /// counts.
  func finish(throwing error: any Error, atOnce: Bool) {
    guard ending == nil || atOnce else { return }
    if atOnce {
      if case .failure? = ending { return }
      ending = nil
      elements.removeAll()
    }
    end(.failure(error))
  }

  private func end(_ ending: Ready) {
    guard self.ending == nil else { return }
    self.ending = ending
    if elements.isEmpty { stream = nil }
    guard let waiter else { return }
    self.waiter = nil
    resume(waiter, with: ending)
  }

  private func resume(_ waiter: Waiter, with ready: Ready) {
    switch ready {
    case .element(let element): waiter.resume(.success(element))
    case .end: waiter.resume(.success(nil))
    case .failure(let error): waiter.resume(.failure(error))
    }
  }

  private func take() -> Ready? {
    guard let (element, bytes) = elements.popFirst() else { return ending }
    if let bytes {
      stream?.took(bytes: bytes)
    } else {
      stream?.tookOther()
    }
    if ending != nil, elements.isEmpty { stream = nil }
    return .element(element)
  }

  /// Lets go of the stream: nobody takes what is left.
  func abandon() {
    stream = nil
  }

  private func wait(
    _ waiter: Waiter,
    _ continuation: UnsafeContinuation<Element?, any Error>
  ) {
    waiter.continuation = continuation
    if waiter.isCancelled {
      waiter.resume(.failure(CancellationError()))
    } else if let ready = take() {
      resume(waiter, with: ready)
    } else if self.waiter != nil {
      waiter.resume(.failure(ConcurrentIteration()))
    } else {
      self.waiter = waiter
    }
  }

  private func cancel(_ waiter: Waiter) {
    waiter.isCancelled = true
    if self.waiter === waiter { self.waiter = nil }
    waiter.resume(.failure(CancellationError()))
  }

  // MARK: Any thread

  /// The next element, nil at the end.
  func next() async throws -> Element? {
    if loop.isCurrent, let ready = take() {
      switch ready {
      case .element(let element): return element
      case .end: return nil
      case .failure(let error): throw error
      }
    }
    let waiter = Waiter()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        if loop.isCurrent {
          wait(waiter, continuation)
        } else {
          loop.execute { self.wait(waiter, continuation) }
        }
      }
    } onCancel: {
      loop.execute { self.cancel(waiter) }
    }
  }
}

/// Two tasks iterate one call's messages at the same time.
struct ConcurrentIteration: Error {}
