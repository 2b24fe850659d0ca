internal import CLinux
internal import Glibc

/// A numeric IP address and a TCP port.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// The address as text: `127.0.0.1`, `::1`, `fe80::1%2`.
  public let host: String
  /// The port; 0 lets the system choose when listening.
  public let port: Int
  /// Whether the address is of version 6.
  public let isIPv6: Bool

  /// An address of numeric text; nil if the text is not an IP address or the port is out of range.
  ///
  /// - Parameters:
  ///   - host: IPv4 in dotted decimals, or IPv6 without brackets; not a name.
  ///   - port: 0 to 65,535.
  public init?(host: String, port: Int) {
    guard (0...65_535).contains(port) else { return nil }
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0, let first = found else { return nil }
    defer { freeaddrinfo(found) }
    let family = first.pointee.ai_family
    // An address short of four parts ("127.1") is too easily a mistake.
    var bytes = in_addr()
    guard family == AF_INET6 || inet_pton(AF_INET, host, &bytes) == 1 else { return nil }
    self.host = host
    self.port = port
    isIPv6 = family == AF_INET6
  }

  private init(host: String, port: Int, isIPv6: Bool) {
    self.host = host
    self.port = port
    self.isIPv6 = isIPv6
  }

  /// gRPC's form: `ipv4:127.0.0.1:443`, `ipv6:[::1]:443`.
  public var description: String {
    isIPv6 ? "ipv6:[\(host)]:\(port)" : "ipv4:\(host):\(port)"
  }

  /// The same host with another port.
  func with(port: Int) -> SocketAddress {
    SocketAddress(host: host, port: port, isIPv6: isIPv6)
  }

  /// Lends the address in the system's form.
  func withSystemAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let first = found else {
      return nil
    }
    defer { freeaddrinfo(found) }
    return body(first.pointee.ai_addr, first.pointee.ai_addrlen)
  }

  /// The address of this end of a socket, or of the other; nil if there is none or it isn't IP.
  ///
  /// An IPv4 address mapped into IPv6 is given as IPv4.
  static func of(_ descriptor: Int32, peer: Bool) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let code =
          peer
          ? getpeername(descriptor, address, &length) : getsockname(descriptor, address, &length)
        return code == 0 ? SocketAddress(system: address, length: length) : nil
      }
    }
  }

  private init?(system address: UnsafePointer<sockaddr>, length: socklen_t) {
    let family = Int32(address.pointee.sa_family)
    guard family == AF_INET || family == AF_INET6 else { return nil }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var service = [CChar](repeating: 0, count: 8)
    let code = getnameinfo(
      address,
      length,
      &text,
      socklen_t(text.count),
      &service,
      socklen_t(service.count),
      NI_NUMERICHOST | NI_NUMERICSERV
    )
    guard code == 0 else { return nil }
    let host = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
    let digits = String(
      decoding: service.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
      as: UTF8.self
    )
    let isMapped = host.hasPrefix("::ffff:") && host.contains(".")
    self.host = isMapped ? String(host.dropFirst("::ffff:".count)) : host
    port = Int(digits) ?? 0
    isIPv6 = family == AF_INET6 && !isMapped
  }
}
