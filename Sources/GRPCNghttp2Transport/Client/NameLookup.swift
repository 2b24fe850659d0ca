internal import Glibc

/// The system's resolver.
enum NameLookup {
  /// Why a name has no address now.
  struct Failure: Error {
    let reason: String
  }

  /// The addresses of a name, in the system's order of preference (RFC 6724); blocks.
  ///
  /// - Throws: `Failure` if there is none or the look-up fails.
  static func addresses(of host: String, port: Int) throws(Failure) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else { throw Failure(reason: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let info = next?.pointee {
      next = info.ai_next
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let length = socklen_t(text.count)
      guard getnameinfo(info.ai_addr, info.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0
      else { continue }
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      if let address = SocketAddress(host: String(decoding: bytes, as: UTF8.self), port: port) {
        addresses.append(address)
      }
    }
    guard !addresses.isEmpty else { throw Failure(reason: "the name has no address") }
    return addresses
  }
}
