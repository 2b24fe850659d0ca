internal import EventLoops
internal import Glibc

@testable internal import GRPCNghttp2Transport

extension ServerTestBed {
  /// Runs a script as a client that says raw frames, on a thread of its own.
  func withRawClient<Value: Sendable>(
    _ script: @escaping @Sendable (ScriptedConnection) throws -> Value
  ) async throws -> Value {
    let options = try TestCertificates.client()
    let address = address
    return try await ClientHarness.workers.run {
      let descriptor = try Probe.socket(to: address)
      _ = fcntl(descriptor, F_SETFL, 0)
      limitWaits(descriptor)
      let connection = try ScriptedConnection(
        descriptor,
        TLSContext(client: options),
        serverName: options.serverName ?? address.host
      )
      return try script(connection)
    }
  }
}

extension ScriptedConnection {
  /// What a request of `Echo` has for headers.
  static let request = [
    (":method", "POST"), (":scheme", "https"), (":path", "/test.Bytes/Echo"),
    (":authority", "tests"), ("te", "trailers"), ("content-type", "application/grpc"),
  ]

  /// An empty message in its frame.
  static let emptyMessage = [UInt8](repeating: 0, count: 5)

  /// Begins a request.
  func begin(
    _ stream: Int,
    path: String? = nil,
    adding more: [(String, String)] = [],
    ends: Bool = false
  ) throws {
    var fields = Self.request + more
    if let path { fields[2].1 = path }
    try sendHeaders(stream, fields, ends: ends)
  }

  /// Sends a request's only message, and its end.
  func finish(_ stream: Int) throws {
    try send(
      ScriptedFrame(
        kind: .data,
        flags: ScriptedFrame.endStream,
        stream: stream,
        payload: Self.emptyMessage
      )
    )
  }

  /// Waits for a stream's reset and acknowledges nothing meanwhile.
  func nextReset(_ stream: Int) throws -> ScriptedFrame {
    while true {
      let frame = try nextFrame()
      if frame.kind == .reset, frame.stream == stream { return frame }
    }
  }

  /// Makes a call.
  func ask(_ stream: Int) throws {
    try begin(stream)
    try finish(stream)
  }

  /// Makes a call and waits for its trailers.
  func call(_ stream: Int) throws {
    try ask(stream)
    while try next(.headers, on: stream).flags & ScriptedFrame.endStream == 0 {}
  }
}
