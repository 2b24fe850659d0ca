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
  /// The peer went beyond what a well-meant one would do.
  case misconduct(Misconduct)
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
    case .misconduct(let misconduct): "the peer \(misconduct.rawValue)"
    case .closedHere: "the connection was closed on this side"
    }
  }
}

/// What a peer did that no well-meant one does; the connection ends with ENHANCE_YOUR_CALM.
enum Misconduct: String {
  case resetsTooOften = "resets streams too often"
  case pingsTooOften = "pings too often"
  case sendsTooManyControlFrames = "sends too many frames that carry nothing"
  case leavesTooMuchUnread = "has too many acknowledgements waiting for it"
  case sendsTooManyContinuations = "cuts a header block into too many frames"
  case sendsHugeHeaders = "sends a header block of many times the size allowed"
  case sendsHeadersTooSlowly = "does not complete a header block"
  case readsTooSlowly = "does not read what is sent"
  case hasTakenTooLongToShakeHands = "was in the handshake when others came"
}
