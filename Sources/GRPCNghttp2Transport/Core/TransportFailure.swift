internal import EventLoops
internal import Glibc

/// Why a connection ended.
enum TransportFailure: Error, CustomStringConvertible {
  /// A call on the socket failed; its `errno`.
  case socket(Int32)
  /// The peer closed the connection.
  case peerClosed
  /// TLS failed.
  case tls(TLSError)
  /// The peer broke HTTP/2's rules, or nghttp2 failed; its error code.
  case http2(Int)
  /// The event loop refused the socket.
  case loop(EventLoopError)
  /// The handshake took longer than allowed.
  case handshakeTimeout
  /// This side closed the connection.
  case closedHere

  var description: String {
    switch self {
    case .socket(let code): "socket: \(String(cString: strerror(code)))"
    case .peerClosed: "the peer closed the connection"
    case .tls(let error): error.description
    case .http2(let code): "HTTP/2 error \(code)"
    case .loop(let error): error.description
    case .handshakeTimeout: "the handshake took too long"
    case .closedHere: "the connection was closed on this side"
    }
  }
}
