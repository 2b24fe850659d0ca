internal import GRPCCore

extension RPCError.Code {
  /// What an answer that isn't gRPC means.
  ///
  /// Source: gRPC, "HTTP to gRPC Status Code Mapping".
  init(httpStatus: String) {
    switch httpStatus {
    case "400": self = .internalError
    case "401": self = .unauthenticated
    case "403": self = .permissionDenied
    case "404": self = .unimplemented
    case "429", "502", "503", "504": self = .unavailable
    default: self = .unknown
    }
  }

  /// What a stream reset with an HTTP/2 error code means.
  ///
  /// Source: gRPC over HTTP/2, "Errors".
  init(http2Code: UInt32) {
    switch http2Code {
    // NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT,
    // FRAME_SIZE_ERROR, COMPRESSION_ERROR, CONNECT_ERROR
    case 0, 1, 2, 3, 4, 6, 9, 10: self = .internalError
    // REFUSED_STREAM: not processed.
    case 7: self = .unavailable
    // CANCEL
    case 8: self = .cancelled
    // ENHANCE_YOUR_CALM
    case 11: self = .resourceExhausted
    // INADEQUATE_SECURITY
    case 12: self = .permissionDenied
    default: self = .unknown
    }
  }
}
