internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Testing

@Suite("More calls than can be served in time", .timeLimit(.minutes(1)))
struct OverloadTests {
  /// A bound of two calls, one method left out of it.
  private static let bound = Nghttp2ServerTransport.Overload(
    callsAtOnce: 2,
    refusals: ["1", "2"].map {
      RPCError(
        code: .unavailable,
        message: "busy",
        metadata: ["come-again": "\($0)", "details-bin": .binary([0, 255])]
      )
    },
    exempt: [BytesService.method("Describe")]
  )

  private func withBound(
    _ path: CallPath,
    _ body: @Sendable (ServerTestBed) async throws -> Void
  ) async throws {
    try await withServer(path, loops: 1) {
      $0.overload = Self.bound
    } _: { bed in
      try await body(bed)
    }
  }

  /// A call that waits until it is cancelled, and is seen to wait.
  private func waitingCall(_ bed: ServerTestBed) async throws -> ProbeCall {
    let call = try await bed.probe().open("UntilHandled")
    try await call.say([7])
    try await call.end()
    #expect(await bed.service.saw("started"))
    return call
  }

  @Test(
    "calls beyond the bound are refused at arrival, whatever they still send",
    arguments: CallPath.allCases
  )
  func refusal(path: CallPath) async throws {
    try await withBound(path) { bed in
      let first = try await waitingCall(bed)
      let second = try await waitingCall(bed)
      let probe = try await bed.probe()
      // The request isn't even complete.
      let early = try await probe.open("Echo").reply()
      #expect(early.code == .unavailable)
      #expect(early.status?.message == "busy")
      #expect(Array(early.trailers[stringValues: "come-again"]) == ["2"])
      #expect(Array(early.trailers[binaryValues: "details-bin"]) == [[0, 255]])
      let whole = try await probe.call("Echo", [[UInt8](repeating: 1, count: 100_000)])
      #expect(whole.code == .unavailable)
      #expect(Array(whole.trailers[stringValues: "come-again"]) == ["1"])
      #expect(bed.server.transport.refusals[.overload] == 2)
      // Methods that are exempt and streams go on.
      #expect(try await probe.call("Describe", [[1]]).code == .ok)
      #expect(try await probe.call("Chat", [[1]]).code == .ok)
      // Room again: once the handler has returned, not when the client has gone.
      try await first.cancel()
      #expect(await bed.service.saw("cancelled"))
      while try await probe.call("Echo").code != .ok {}
      #expect(try await probe.call("Echo").code == .ok)
      try await second.cancel()
    }
  }

  @Test("a bound that says nothing of its own is UNAVAILABLE; a bound of nothing is one of one")
  func defaults() async throws {
    try await withServer(loops: 1) {
      $0.overload = .init(callsAtOnce: 0)
    } _: { bed in
      let only = try await waitingCall(bed)
      #expect(try await bed.probe().call("Echo").code == .unavailable)
      try await only.cancel()
    }
  }

  @Test("streams are no calls of the bound")
  func streams() async throws {
    try await withBound(.router) { bed in
      let probe = try await bed.probe()
      var calls: [ProbeCall] = []
      for _ in 0..<5 {
        let call = try await probe.open("Chat")
        try await call.say([1])
        #expect(await call.nextMessage() == [1])
        calls.append(call)
      }
      #expect(try await probe.call("Echo").code == .ok)
      for call in calls { try await call.end() }
      #expect(bed.server.transport.refusals[.overload] == 0)
    }
  }
}
