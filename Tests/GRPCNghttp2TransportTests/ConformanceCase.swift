internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

/// What a peer that breaks RFC 9113 or RFC 7541, or comes close to it, is answered.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
  /// What must come.
  enum Answer: Sendable {
    /// The connection ends with one of these error codes.
    case connectionError([Int])
    /// Stream 1 is reset with one of these codes, and the connection goes on.
    case streamError([Int])
    /// One of both, as RFC 9113, 5.4.2 leaves to each side.
    case error([Int])
    /// The connection ends with one of these codes; or nothing, if what came may have been under way
    /// when the stream was closed.
    case tolerated([Int])
    /// Stream 1 is answered in full.
    case served
    /// Nothing to what is wrong, and the connection goes on.
    case ignored
  }

  /// Section and rule.
  let rule: String
  let answer: Answer
  /// What the peer sends; streams from 101 on are the test's own.
  let script: @Sendable (ScriptedConnection) throws -> Void

  init(
    _ rule: String,
    _ answer: Answer,
    _ script: @escaping @Sendable (ScriptedConnection) throws -> Void
  ) {
    self.rule = rule
    self.answer = answer
    self.script = script
  }

  var testDescription: String { rule }

  /// HTTP/2's error codes.
  static let protocolError = 1
  static let flowControlError = 3
  static let streamClosed = 5
  static let frameSizeError = 6
  static let refusedStream = 7
  static let compressionError = 9
}

extension ScriptedFrame {
  /// A frame of a type that HTTP/2 doesn't have, or flags that it doesn't.
  static func bytes(type: UInt8, flags: UInt8 = 0, stream: Int, payload: [UInt8]) -> [UInt8] {
    bigEndian(UInt32(payload.count)).dropFirst() + [type, flags] + bigEndian(UInt32(stream))
      + payload
  }

  static func data(_ stream: Int, _ payload: [UInt8], flags: UInt8 = 0) -> Self {
    Self(kind: .data, flags: flags, stream: stream, payload: payload)
  }

  static func headers(_ stream: Int, _ block: [UInt8], flags: UInt8 = endHeaders) -> Self {
    Self(kind: .headers, flags: flags, stream: stream, payload: block)
  }

  static func settings(_ id: UInt16, _ value: UInt32) -> Self {
    Self(kind: .settings, payload: bigEndian(id) + bigEndian(value))
  }

  static func windowUpdate(_ stream: Int, _ increment: UInt32) -> Self {
    Self(kind: .windowUpdate, stream: stream, payload: bigEndian(increment))
  }

  /// The headers of a request of `Echo`.
  static var request: [UInt8] { block(ScriptedConnection.request) }
}
