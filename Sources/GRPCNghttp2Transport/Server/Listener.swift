internal import CLinux
internal import EventLoops
internal import Glibc

/// A listening socket, one of several that share an address (`SO_REUSEPORT`), so that the system
/// spreads connections over the loops.
///
/// Made on any thread, then used on its loop only.
final class Listener: @unchecked Sendable {
  // Unchecked: immutable before `start`, confined to the loop after.

  /// The address bound, its port chosen.
  let address: SocketAddress

  private let descriptor: Int32
  private var registration: Registration?
  private var isOpen = true

  /// - Throws: `EventLoopError.system` if the address can't be bound.
  init(_ wanted: SocketAddress) throws(EventLoopError) {
    descriptor = try Self.openSocket(for: wanted)
    var one: Int32 = 1
    var call = "bind"
    var code: Int32 = 0
    let size = socklen_t(MemoryLayout<Int32>.size)
    if setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, size) != 0 {
      call = "setsockopt"
      code = errno
    } else {
      code = Self.bound(descriptor, to: wanted)
    }
    if code == 0, listen(descriptor, SOMAXCONN) != 0 {
      call = "listen"
      code = errno
    }
    guard code == 0, let bound = SocketAddress.of(descriptor, peer: false) else {
      Glibc.close(descriptor)
      throw .system(call: call, code: code)
    }
    address = wanted.with(port: bound.port)
  }

  deinit {
    close()
  }

  /// Refuses an address on which somebody listens already.
  ///
  /// By `SO_REUSEPORT` alone a second server of the same user would be let in, and take a share of the
  /// first one's connections.
  ///
  /// - Throws: `EventLoopError.system` if the address can't be bound.
  static func requireFree(_ address: SocketAddress) throws(EventLoopError) {
    let descriptor = try openSocket(for: address)
    defer { Glibc.close(descriptor) }
    let code = bound(descriptor, to: address)
    guard code == 0 else { throw .system(call: "bind", code: code) }
  }

  private static func openSocket(for address: SocketAddress) throws(EventLoopError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
    guard descriptor >= 0 else { throw .system(call: "socket", code: errno) }
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
    return descriptor
  }

  /// - Returns: 0, or why the address can't be bound.
  private static func bound(_ descriptor: Int32, to address: SocketAddress) -> Int32 {
    address.withSystemAddress { bind(descriptor, $0, $1) == 0 ? 0 : errno } ?? EINVAL
  }

  /// Accepts connections from now on.
  func start(
    on loop: EventLoop,
    _ accepted: @escaping (Int32, AddressKey) -> Void
  ) throws(EventLoopError) {
    registration = try loop.register(descriptor, for: .readable) { [unowned self] _ in
      accept(loop, accepted)
    }
  }

  private func accept(_ loop: EventLoop, _ accepted: (Int32, AddressKey) -> Void) {
    for _ in 0..<64 where isOpen {
      var storage = sockaddr_storage()
      let socket = withUnsafeMutablePointer(to: &storage) { storage in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
          return clinux_accept4(descriptor, address, &length)
        }
      }
      if socket >= 0 {
        accepted(socket, AddressKey(storage))
        continue
      }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: pause(loop)
      default: break
      }
      return
    }
  }

  /// Nothing can be accepted for want of descriptors or memory; asking again at once would only
  /// burn the loop.
  private func pause(_ loop: EventLoop) {
    do {
      try registration?.update([])
    } catch {
      return
    }
    loop.schedule(after: .milliseconds(100)) { [weak self] in
      try? self?.registration?.update(.readable)
    }
  }

  /// Accepts what waits, then listens no more.
  func stop(on loop: EventLoop, _ accepted: (Int32, AddressKey) -> Void) {
    guard isOpen else { return }
    accept(loop, accepted)
    registration?.cancel()
    close()
  }

  private func close() {
    guard isOpen else { return }
    isOpen = false
    Glibc.close(descriptor)
  }
}
