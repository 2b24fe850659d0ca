internal import ArgumentParser
internal import Dispatch
internal import Glibc

/// The echo service as a program of its own: what the benchmark drives, and the call that verifies it.
@main
struct EchoServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-server",
    abstract: "Serve liaoning.bench.v1.EchoService, or call it once.",
    subcommands: [EchoServe.self, EchoCheck.self]
  )
}

/// SIGTERM and SIGINT.
enum TerminationSignals {
  /// Waits for the first of them, which then doesn't end the process by itself.
  static func wait() async {
    let (signals, arrival) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { arrival.finish() }
      source.activate()
      return source
    }
    for await _ in signals {}
    for source in sources { source.cancel() }
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
