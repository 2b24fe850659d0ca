internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import GRPCNghttp2Transport

/// The partners as a program; README.md tells what it plays.
@main
struct PartnerSimulators: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "PartnerSimulators",
    abstract: "Play the population library, the legal-entity library and the SMS gateway.",
    discussion: "Prints `listening on HOST:PORT`. SIGHUP reads the script again; SIGTERM ends it."
  )

  @Option(help: "The numeric address to listen on; port 0 lets the system choose.")
  var listen = "127.0.0.1:0"
  @Option(help: "The file of the partners' certificate chain, PEM.")
  var certificate: String
  @Option(help: "The file of its private key, PEM.")
  var key: String
  @Option(help: "The file of the roots that the registry's certificate leads to, PEM.")
  var trust: String
  @Option(help: "The common name of the only client answered.")
  var clientName = "registry"
  @Option(help: "The file of the script; without it, the fictional persons of the test data.")
  var script: String?
  @Option(help: "The file that messages are appended to, a JSON line each.")
  var messages: String?

  func run() async throws {
    let partners = try Partners(script: scriptNow(), messagesPath: messages)
    let server = PartnerServer(
      address: try address(),
      identity: TLSIdentity(
        certificateChain: try bytes(of: certificate),
        privateKey: try bytes(of: key)
      ),
      trustRoots: try bytes(of: trust),
      clientName: clientName,
      partners: partners
    )
    let signals = SignalStream([SIGHUP, SIGTERM, SIGINT])
    try await server.run { address in
      let host = address.isIPv6 ? "[\(address.host)]" : address.host
      say("listening on \(host):\(address.port)")
      for await signal in signals.arrivals {
        guard signal == SIGHUP else { return }
        do {
          partners.follow(try scriptNow())
          say("script read")
        } catch {
          FileHandle.standardError.write(Data("the old script stays: \(error)\n".utf8))
        }
      }
    }
  }

  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func address() throws -> SocketAddress {
    guard let colon = listen.lastIndex(of: ":"),
      let port = Int(listen[listen.index(after: colon)...]),
      let address = SocketAddress(
        host: listen[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]")),
        port: port
      )
    else { throw ValidationError("\(listen) is no numeric address with a port.") }
    return address
  }

  private func scriptNow() throws -> PartnerScript {
    guard let script else { return try .bundled() }
    return try PartnerScript(parsing: String(decoding: bytes(of: script), as: UTF8.self))
  }

  private func bytes(of path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ValidationError("\(path) cannot be read.")
    }
    return Array(data)
  }
}

/// Signals that do not end the process by themselves.
struct SignalStream {
  /// Each signal as it arrives.
  let arrivals: AsyncStream<Int32>
  private let sources: [any DispatchSourceSignal]

  /// Takes these signals from now on.
  init(_ numbers: [Int32]) {
    let (arrivals, arrival) = AsyncStream.makeStream(
      of: Int32.self,
      bufferingPolicy: .bufferingNewest(8)
    )
    self.arrivals = arrivals
    sources = numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { arrival.yield(number) }
      source.activate()
      return source
    }
  }
}
