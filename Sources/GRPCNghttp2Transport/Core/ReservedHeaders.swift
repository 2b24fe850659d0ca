/// Header names that belong to HTTP/2 or to gRPC's protocol, so that they never pass between
/// metadata and the wire.
///
/// The other `grpc-` names (`grpc-status-details-bin`, `grpc-retry-pushback-ms`,
/// `grpc-previous-rpc-attempts`) are metadata.
enum ReservedHeaders {
  private static let names: Set<String> = [
    "te", "content-type", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "grpc-status",
    "grpc-message", "grpc-message-type", "connection", "keep-alive", "proxy-connection",
    "transfer-encoding", "upgrade", "host",
  ]

  /// Whether a name, in lower case, is reserved.
  static func contains(_ name: String) -> Bool {
    name.utf8.first == UInt8(ascii: ":") || names.contains(name)
  }
}
