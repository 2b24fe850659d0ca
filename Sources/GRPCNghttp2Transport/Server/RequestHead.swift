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
}

/// The methods a server knows, by path.
struct MethodTable: Sendable {
  private var entries: [String: MethodEntry] = [:]
  private let limits: Nghttp2ServerTransport.Limits

  init(_ methods: [MethodDescriptor], limits: Nghttp2ServerTransport.Limits) {
    self.limits = limits
    for method in methods { entries["/\(method.fullyQualifiedMethod)"] = entry(method) }
  }

  private func entry(_ method: MethodDescriptor) -> MethodEntry {
    let key = limits.requestMessageBytesByMethod.keys.first {
      $0.service == method.service && $0.method == method.method
    }
    return MethodEntry(
      descriptor: method,
      messageBytes: key.flatMap { limits.requestMessageBytesByMethod[$0] }
        ?? limits.requestMessageBytes,
      hasSingleRequest: method.type.map { !$0.isRequestStreaming } ?? false,
      timeout: method.type == .unary ? limits.unaryTimeout : nil
    )
  }

  /// The method of a path; one that isn't registered is made up, for the router to refuse.
  ///
  /// Nil if the path has another shape.
  func method(_ path: String) -> MethodEntry? {
    if let known = entries[path] { return known }
    let name = path.dropFirst()
    guard path.utf8.first == UInt8(ascii: "/"),
      let slash = name.utf8.lastIndex(of: UInt8(ascii: "/"))
    else { return nil }
    let (service, method) = (name[..<slash], name[slash...].dropFirst())
    guard !service.isEmpty, !method.isEmpty else { return nil }
    return entry(MethodDescriptor(fullyQualifiedService: String(service), method: String(method)))
  }
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
    case refused(Status, Metadata)
  }

  let verdict: Verdict
  let metadata: Metadata
  let authority: String

  init(_ headers: HeaderBlock, methods: MethodTable) {
    verdict = Self.judge(headers, methods)
    metadata = headers.metadata()
    authority = headers.text(of: ":authority") ?? ""
  }

  private static func judge(_ headers: HeaderBlock, _ methods: MethodTable) -> Verdict {
    if headers.isTooLarge {
      let message = "The request's headers exceed \(headers.limit) bytes."
      return .refused(Status(code: .resourceExhausted, message: message), [:])
    }
    guard headers.text(of: ":method") == "POST" else { return .refusedByHTTP(405) }
    guard isGRPC(headers.text(of: "content-type")) else { return .refusedByHTTP(415) }
    if let encoding = headers.text(of: "grpc-encoding"), encoding != "identity" {
      let message = "Messages compressed with '\(encoding)' are not supported."
      return .refused(Status(code: .unimplemented, message: message), [:])
    }
    guard let path = headers.text(of: ":path"), let method = methods.method(path) else {
      let message = "The path is not that of a gRPC method."
      return .refused(Status(code: .unimplemented, message: message), [:])
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
