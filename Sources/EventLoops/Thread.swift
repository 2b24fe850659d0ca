internal import CLinux
internal import Glibc

/// A detached thread of the system that runs one closure.
enum Thread {
  /// Starts a thread.
  ///
  /// Every signal is blocked on it, so that the process takes its signals where it waits for them.
  ///
  /// - Parameters:
  ///   - name: What the system shows; cut to 15 bytes.
  ///   - body: What the thread runs.
  /// - Throws: `EventLoopError.system` when the system gives no thread.
  static func start(
    name: String,
    _ body: @escaping @Sendable () -> Void
  ) throws(EventLoopError) {
    let box = Unmanaged.passRetained(ThreadBody(name: name, run: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      &attributes,
      { argument in
        guard let argument else { return nil }
        let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        _ = String(body.name.prefix(15)).withCString { pthread_setname_np(pthread_self(), $0) }
        body.run()
        return nil
      },
      box.toOpaque()
    )
    guard code == 0 else {
      box.release()
      throw EventLoopError.system(call: "pthread_create", code: code)
    }
  }
}

private final class ThreadBody {
  let name: String
  let run: @Sendable () -> Void

  init(name: String, run: @escaping @Sendable () -> Void) {
    self.name = name
    self.run = run
  }
}
