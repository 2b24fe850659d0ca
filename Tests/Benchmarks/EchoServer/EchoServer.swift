internal import ArgumentParser
internal import Glibc

/// The echo service as a program of its own: what the benchmark drives, and the call that verifies it.
@main
struct EchoServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-server",
    abstract: "Serve liaoning.bench.v1.EchoService, or call it once.",
    subcommands: [EchoServe.self, EchoCheck.self]
  )

  static func main() async {
    // Before any other thread: those started later inherit it.
    TerminationSignals.block()
    await main(nil)
  }
}

/// SIGTERM and SIGINT.
enum TerminationSignals {
  private static var set: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    return signals
  }

  /// Keeps them from this thread, so that they wait for `wait`.
  static func block() {
    var signals = set
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// Blocks the calling thread until one comes.
  static func wait() {
    var signals = set
    var number: Int32 = 0
    sigwait(&signals, &number)
  }
}

/// Files read whole.
enum Contents {
  /// The bytes of a file.
  ///
  /// - Throws: `ValidationError` if it can't be read.
  static func of(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else {
      throw ValidationError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&part, 1, part.count, file), count > 0 {
      bytes += part[..<count]
    }
    guard ferror(file) == 0 else { throw ValidationError("\(path) can't be read.") }
    return bytes
  }
}
