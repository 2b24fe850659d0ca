internal import Foundation
internal import Glibc
internal import RegistryTestKit

/// A socket that blocks, for at most ten seconds.
final class Wire: Sendable {
  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  deinit {
    close(descriptor)
  }

  /// Connects.
  convenience init(to address: FaultProxy.Address) throws {
    let descriptor = try Self.socket(of: address)
    guard Self.with(address, { connect(descriptor, $0, $1) }) == 0 else {
      let failure = POSIXError(.init(rawValue: errno) ?? .EIO)
      close(descriptor)
      throw failure
    }
    self.init(descriptor)
  }

  /// Listens.
  static func listening(at address: FaultProxy.Address) throws -> Wire {
    let wire = Wire(try socket(of: address))
    let isListening = with(address) {
      bind(wire.descriptor, $0, $1) == 0 ? listen(wire.descriptor, 16) : -1
    }
    guard isListening == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    return wire
  }

  /// The port that it is bound to.
  var port: Int {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  func accepted() throws -> Wire {
    let next = accept(descriptor, nil, nil)
    guard next >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    return Wire(next)
  }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest.removeFirst(count)
    }
  }

  /// Sends until nothing is taken for a while, or the limit is reached.
  func sendAllThatIsTaken(upTo limit: Int) -> Int {
    let block = [UInt8](repeating: 7, count: 65_536)
    var patience = timeval(tv_sec: 0, tv_usec: 500_000)
    setsockopt(
      descriptor,
      SOL_SOCKET,
      SO_SNDTIMEO,
      &patience,
      socklen_t(MemoryLayout<timeval>.size)
    )
    var sent = 0
    while sent < limit {
      let count = block.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      sent += count
    }
    return sent
  }

  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    // Not closed, which the wire does at its end: connecting to nowhere resets just so.
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// Receives so many bytes, or fewer if the end comes before.
  func receive(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = once(count - bytes.count)
      guard let more, !more.isEmpty else { break }
      bytes += more
    }
    return bytes
  }

  /// Whether the end comes next.
  var hasEnded: Bool { once(1) == [] }

  /// Whether a reset comes next.
  var isReset: Bool { once(1) == nil && errno == ECONNRESET }

  /// Whether nothing has come yet.
  var isSilent: Bool { once(1, Int32(MSG_DONTWAIT)) == nil && errno == EAGAIN }

  private func once(_ count: Int, _ flags: Int32 = 0) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let size = recv(descriptor, &bytes, count, flags)
    return size < 0 ? nil : Array(bytes.prefix(size))
  }

  private static func socket(of address: FaultProxy.Address) throws -> Int32 {
    let family =
      switch address {
      case .unix: AF_UNIX
      case .tcp: AF_INET
      }
    let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    return descriptor
  }

  private static func with(
    _ address: FaultProxy.Address,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    switch address {
    case .unix(let path):
      var unix = sockaddr_un()
      unix.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      return withUnsafePointer(to: &unix) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    case .tcp(let host, let port):
      var internet = sockaddr_in()
      internet.sin_family = sa_family_t(AF_INET)
      internet.sin_port = UInt16(port).bigEndian
      inet_pton(AF_INET, host, &internet.sin_addr)
      return withUnsafePointer(to: &internet) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }
}

/// A listener and a proxy before it.
struct Stage {
  let proxy: FaultProxy
  private let listener: Wire

  static func with(
    clientIsUnix: Bool = false,
    serverIsUnix: Bool = false,
    _ body: (Stage) async throws -> Void
  ) async throws {
    var template = Array("/tmp/fault-proxy-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let here = FaultProxy.Address.tcp(host: "127.0.0.1", port: 0)
    var server = serverIsUnix ? FaultProxy.Address.unix(path: folder + "/server") : here
    let listener = try Wire.listening(at: server)
    if case .tcp(let host, _) = server { server = .tcp(host: host, port: listener.port) }
    let proxy = try FaultProxy(
      to: server,
      listeningAt: clientIsUnix ? .unix(path: folder + "/proxy") : here
    )
    let stage = Stage(proxy: proxy, listener: listener)
    do {
      try await body(stage)
    } catch {
      await proxy.close()
      throw error
    }
    await proxy.close()
  }

  /// A client and the server's end of its connection.
  func pair() async throws -> (client: Wire, server: Wire) {
    let before = await proxy.census().count
    let client = try Wire(to: proxy.address)
    await proxy.until { $0.count > before }
    return (client, try accept())
  }

  func accept() throws -> Wire { try listener.accepted() }
}
