internal import ArgumentParser
internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport

/// Calls Echo once on a server, ours or another, and verifies the answer.
struct EchoCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Call Echo once and verify the answer."
  )

  @Option(help: "The server's name or address.")
  var host = "127.0.0.1"
  @Option(help: "The server's port.")
  var port: Int
  @Option(help: "The file of the certificates to trust, PEM.")
  var trust: String

  func run() async throws {
    let loops = try EventLoopGroup(count: 1)
    let workers = try WorkerExecutor(threads: 1, queueLimit: 8)
    let roots = try Contents.of(trust)
    let transport = try Nghttp2ClientTransport(
      host: host,
      port: port,
      configuration: .init(tls: ClientTLSOptions(trustRoots: .pem(roots))),
      eventLoop: loops.next(),
      workers: workers
    )
    try await withGRPCClient(transport: transport) { client in
      try await verify(Liaoning_Bench_V1_EchoService.Client(wrapping: client))
    }
    await loops.shutDown()
    await workers.shutDown()
  }

  private func verify(
    _ echo: Liaoning_Bench_V1_EchoService.Client<Nghttp2ClientTransport>
  ) async throws {
    var request = Liaoning_Bench_V1_EchoRequest()
    request.text = "辽宁 echo"
    request.payload.append(contentsOf: 0...255)
    var options = CallOptions.defaults
    options.timeout = .seconds(10)
    let response = try await echo.echo(request, metadata: ["caller": "bench"], options: options)
    guard response.text == request.text, response.payload == request.payload else {
      throw ValidationError("The answer isn't what was sent: \(response).")
    }
    // Who doesn't send the header is refused: the policy is at work.
    do {
      _ = try await echo.echo(request, options: options)
    } catch let error as RPCError where error.code == .permissionDenied {
      return
    }
    throw ValidationError("A caller without the header was answered.")
  }
}
