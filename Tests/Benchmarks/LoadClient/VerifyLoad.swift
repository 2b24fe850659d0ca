internal import ArgumentParser
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import RegistryAPI
internal import SwiftProtobuf
internal import Synchronization

/// Verifies licences by their codes, over several connections at once, and tells how many a second.
struct VerifyLoad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verify numbered licences as a partner does."
  )

  @Option(help: "The server's address.")
  var host = "127.0.0.1"
  @Option(help: "The outer listener's port.")
  var port: Int
  @Option(help: "The certificates to trust, PEM.")
  var trust: String
  @Option(help: "The partner's certificate, PEM.")
  var certificate: String
  @Option(help: "The partner's key, PEM.")
  var key: String
  @Option(help: "Why the partner asks.")
  var purpose = "ACCOUNT_OPENING"
  @Option(help: "How many numbered licences there are.")
  var count: Int
  @Option(help: "How many connections.")
  var connections = 8
  @Option(help: "How many calls at once on each connection.")
  var streams = 16
  @Option(
    help: "For how many seconds licences are drawn at random; 0 verifies each once, in order."
  )
  var seconds = 5.0

  func run() async throws {
    let loops = try EventLoopGroup(count: 1)
    let workers = try WorkerExecutor(threads: 1, queueLimit: 64)
    var tls = ClientTLSOptions(trustRoots: .pem(try Self.contents(of: trust)))
    tls.identity = TLSIdentity(
      certificateChain: try Self.contents(of: certificate),
      privateKey: try Self.contents(of: key)
    )
    let tally = Tally()
    let draw = Draw(count: count, until: seconds > 0 ? .now + .seconds(seconds) : nil)
    let begin = ContinuousClock.now
    try await withThrowingTaskGroup { group in
      for _ in 0..<connections {
        let transport = try Nghttp2ClientTransport(
          host: host,
          port: port,
          configuration: .init(tls: tls),
          eventLoop: loops.next(),
          workers: workers
        )
        group.addTask { try await call(over: transport, draw, tally) }
      }
      try await group.waitForAll()
    }
    let spent = (ContinuousClock.now - begin) / .seconds(1)
    let calls = tally.calls.load(ordering: .relaxed)
    print("\(calls) calls in \(spent) s: \(Double(calls) / spent) calls/s")
    await loops.shutDown()
    await workers.shutDown()
  }

  /// One connection's calls.
  private func call(
    over transport: Nghttp2ClientTransport,
    _ draw: Draw,
    _ tally: Tally
  ) async throws {
    let loop = transport.eventLoop
    try await withGRPCClient(transport: transport) { client in
      let licenses = Liaoning_Registry_V1_LicenseService.Client(wrapping: client)
      try await withThrowingTaskGroup { group in
        for _ in 0..<streams {
          group.addTask(executorPreference: loop) { try await verify(licenses, draw, tally) }
        }
        try await group.waitForAll()
      }
    }
  }

  private func verify(
    _ licenses: Liaoning_Registry_V1_LicenseService.Client<Nghttp2ClientTransport>,
    _ draw: Draw,
    _ tally: Tally
  ) async throws {
    var options = CallOptions.defaults
    options.timeout = .seconds(30)
    while let number = draw.next() {
      guard let code = NumberedCode.code(number) else { return }
      let reply = try await licenses.verifyLicense(
        .with {
          $0.creditCode = code
          $0.purpose = purpose
        },
        options: options
      )
      guard reply.authentic, reply.currentVersion, reply.status == .valid else {
        throw ValidationError("Licence \(code) is not what was seeded: \(reply.failure)")
      }
      tally.calls.add(1, ordering: .relaxed)
    }
  }

  private static func contents(of path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("\(path) can't be read.")
    }
    return Array(data)
  }
}

/// Counts answers.
private final class Tally: Sendable {
  let calls = Atomic(0)
}

/// Says which licence is next: at random until a time, or each once.
private final class Draw: Sendable {
  private let count: Int
  private let deadline: ContinuousClock.Instant?
  private let position = Atomic(0)

  init(count: Int, until deadline: ContinuousClock.Instant?) {
    self.count = count
    self.deadline = deadline
  }

  func next() -> Int? {
    guard let deadline else {
      let number = position.add(1, ordering: .relaxed).oldValue
      return number < count ? number : nil
    }
    return ContinuousClock.now < deadline ? Int.random(in: 0..<count) : nil
  }
}
