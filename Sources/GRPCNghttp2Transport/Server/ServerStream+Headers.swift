internal import GRPCCore

extension ServerStream {
  /// What every response begins with.
  static func responseHeaders() -> HeaderList {
    var list = HeaderList()
    list.append(":status", "200")
    list.append("content-type", "application/grpc")
    return list
  }

  /// A response that is only a status.
  ///
  /// Metadata that HTTP/2 can't carry is left out: the status matters more.
  func trailersOnly(_ status: Status, _ metadata: Metadata) -> HeaderList {
    var list = Self.responseHeaders()
    if status.code == .unimplemented {
      list.append("grpc-accept-encoding", worker.shared.acceptedEncodings)
    }
    list.append(status)
    list.append(metadata)
    return list
  }

  /// What ends a response that has begun.
  static func trailers(_ status: Status, _ metadata: Metadata) -> HeaderList {
    if status.code == .ok, status.message.isEmpty, metadata.isEmpty { return .plainSuccess }
    var list = HeaderList()
    list.append(status)
    list.append(metadata)
    return list
  }
}
