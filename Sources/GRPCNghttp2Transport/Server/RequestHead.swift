internal import GRPCCore

/// What is registered under a path.
struct MethodEntry: Sendable {
  let descriptor: MethodDescriptor
  /// The most bytes of a request message.
  let messageBytes: Int
  /// Whether the request is one message, so that the handler need not start before it is here.
  let hasSingleRequest: Bool
  /// The deadline of a call that brings none.
  let timeout: Duration?
  /// Calls the method without the router; nil if only the router knows it.
  let unary: UnaryCall?
  /// Whether its calls count against `Overload.callsAtOnce`.
  let isBounded: Bool
}

extension MethodDescriptor {
  /// Whether both name one method; one may lack its type.
  fileprivate func isSame(as other: MethodDescriptor) -> Bool {
    service == other.service && method == other.method
  }
}

/// The methods a server knows, by path.
struct MethodTable: Sendable {
  private var entries: [String: MethodEntry] = [:]
  private let limits: Nghttp2ServerTransport.Limits
  private let overload: Nghttp2ServerTransport.Overload?

  init(
    _ methods: [MethodDescriptor],
    calledDirectly calls: [(method: MethodDescriptor, call: UnaryCall)],
    limits: Nghttp2ServerTransport.Limits,
    overload: Nghttp2ServerTransport.Overload? = nil
  ) {
    self.limits = limits
    self.overload = overload
    for method in methods { entries["/\(method.fullyQualifiedMethod)"] = entry(method) }
    for (method, call) in calls {
      entries["/\(method.fullyQualifiedMethod)"] = entry(method, calledBy: call)
    }
  }

  private func entry(
    _ method: MethodDescriptor,
    calledBy call: UnaryCall? = nil
  ) -> MethodEntry {
    let key = limits.requestMessageBytesByMethod.keys.first { $0.isSame(as: method) }
    return MethodEntry(
      descriptor: method,
      messageBytes: key.flatMap { limits.requestMessageBytesByMethod[$0] }
        ?? limits.requestMessageBytes,
      hasSingleRequest: method.type.map { !$0.isRequestStreaming } ?? false,
      timeout: method.type == .unary ? limits.unaryTimeout : nil,
      unary: call,
      isBounded: method.type == .unary
        && overload?.exempt.contains { $0.isSame(as: method) } == false
    )
  }

  /// The method of a path; nil for one that isn't registered, and for what is no method's path.
  func method(_ path: String) -> MethodEntry? { entries[path] }
}

/// A request's headers, judged.
///
/// Immutable, and shared by all requests of a connection that have the same headers.
final class RequestHead: Sendable {
  /// What becomes of the request.
  enum Verdict: Sendable {
    case accepted(MethodEntry)
    /// Not gRPC at all: an HTTP status.
    case refusedByHTTP(Int)
    case refused(Status, Nghttp2ServerTransport.Refusal)
  }

  let verdict: Verdict
  let metadata: Metadata
  let authority: String
  /// How messages are compressed that say they are.
  let encoding: MessageEncoding
  /// What the client takes.
  let acceptedEncodings: MessageEncodings

  init(_ headers: HeaderBlock, methods: MethodTable, compression: MessageCompression) {
    let encoding = compression.encoding(named: headers.bytes(of: "grpc-encoding") ?? [])
    verdict = Self.judge(headers, methods, encoding)
    self.encoding = encoding ?? .identity
    acceptedEncodings = MessageEncodings(header: headers.bytes(of: "grpc-accept-encoding") ?? [])
    metadata = headers.metadata()
    authority = headers.text(of: ":authority") ?? ""
  }

  private static func judge(
    _ headers: HeaderBlock,
    _ methods: MethodTable,
    _ encoding: MessageEncoding?
  ) -> Verdict {
    if headers.isTooLarge {
      let message = "The request's headers exceed \(headers.limit) bytes."
      return .refused(Status(code: .resourceExhausted, message: message), .headersTooLarge)
    }
    guard headers.text(of: ":method") == "POST" else { return .refusedByHTTP(405) }
    guard isGRPC(headers.text(of: "content-type")) else { return .refusedByHTTP(415) }
    guard encoding != nil else {
      let name = headers.text(of: "grpc-encoding") ?? ""
      let message = "Messages compressed with '\(name)' are not supported."
      return .refused(Status(code: .unimplemented, message: message), .unsupportedEncoding)
    }
    guard let path = headers.text(of: ":path"), let method = methods.method(path) else {
      let message = "The server has no such method."
      return .refused(Status(code: .unimplemented, message: message), .unknownMethod)
    }
    return .accepted(method)
  }

  /// `application/grpc`, with a suffix (`+proto`) or parameters; not `application/grpc-web`.
  private static func isGRPC(_ contentType: String?) -> Bool {
    guard let rest = contentType?.lowercased(), rest.hasPrefix("application/grpc") else {
      return false
    }
    let next = rest.dropFirst("application/grpc".count).first
    return next == nil || next == "+" || next == ";"
  }
}
