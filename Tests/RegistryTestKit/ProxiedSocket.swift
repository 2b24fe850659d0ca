internal import EventLoops
internal import Foundation
internal import Glibc

/// One socket of a proxied connection, on the proxy's loop.
final class ProxiedSocket {
  /// What is told of it.
  enum Event {
    case bytes([UInt8])
    /// Its peer sends no more.
    case ended
    /// It failed, or its peer reset it.
    case broken
  }

  private let descriptor: Int32
  private var registration: Registration?
  private var unsent: [UInt8] = []
  private var isOpen = true
  private var hasEnded = false
  private var isFinishing = false
  private var isFinished = false
  private var tell: (Event) -> Void = { _ in }
  private var onFlush: (() -> Void)?

  /// Whether what comes is wanted.
  var isReading = true {
    didSet { if isReading != oldValue { watch() } }
  }

  /// A connected or connecting socket, which it owns.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Begins to watch.
  func start(on loop: EventLoop, telling tell: @escaping (Event) -> Void) {
    self.tell = tell
    registration = try? loop.register(descriptor, for: .readable) { [self] readiness in
      if readiness.contains(.writable) { flush() }
      guard isOpen else { return }
      if readiness.contains(.hangUp), !isReading || hasEnded {
        // Nothing would be read, and the loop would tell of it without end.
        registration?.cancel()
        registration = nil
        if !(hasEnded && isFinished) { self.tell(.broken) }
      } else if readiness.contains(.readable) || readiness.contains(.hangUp) {
        receive()
      }
    }
    watch()
  }

  private func watch() {
    var interest: Readiness = []
    if isReading && !hasEnded { interest.insert(.readable) }
    if !unsent.isEmpty { interest.insert(.writable) }
    try? registration?.update(interest)
  }

  private func receive() {
    guard isReading, !hasEnded else { return }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      let size = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      code = size < 0 ? errno : 0
      count = max(0, size)
    }
    if code == EAGAIN || code == EINTR { return }
    guard bytes.isEmpty else { return tell(.bytes(bytes)) }
    hasEnded = true
    watch()
    tell(code == 0 ? .ended : .broken)
  }

  /// Queues bytes, and sends what the system takes now.
  func send(_ bytes: [UInt8]) {
    guard isOpen, !isFinishing else { return }
    unsent += bytes
    flush()
  }

  /// Ends sending, behind what is queued.
  func finish() {
    isFinishing = true
    flush()
  }

  /// Calls something once all that is queued has been handed to the system.
  func whenFlushed(_ action: @escaping () -> Void) {
    onFlush = action
    flush()
  }

  private func flush() {
    while isOpen, !unsent.isEmpty {
      let count = unsent.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // An error is seen again on reading.
      guard count > 0 else { break }
      unsent.removeFirst(count)
    }
    guard isOpen else { return }
    watch()
    guard unsent.isEmpty else { return }
    if isFinishing, !isFinished {
      isFinished = true
      shutdown(descriptor, Int32(SHUT_WR))
    }
    let action = onFlush
    onFlush = nil
    action?()
  }

  /// Closes it; by reset, if wanted and known to its kind.
  func close(byReset: Bool) {
    guard isOpen else { return }
    isOpen = false
    registration?.cancel()
    registration = nil
    tell = { _ in }
    if byReset {
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
    Glibc.close(descriptor)
  }
}

/// Where a proxy listens; a TCP port stays its own while nobody listens there.
final class ProxyListener: @unchecked Sendable {
  // Unchecked: used on the proxy's loop only, once made.

  let address: FaultProxy.Address
  private(set) var descriptor: Int32?
  /// Holds the port.
  private let keeper: Int32?

  init(at address: FaultProxy.Address) throws {
    switch address {
    case .unix:
      self.address = address
      keeper = nil
    case .tcp(let host, _):
      let keeper = try ProxySystem.bound(to: address)
      self.keeper = keeper
      self.address = .tcp(host: host, port: ProxySystem.port(of: keeper))
    }
    try open()
  }

  func open() throws {
    guard descriptor == nil else { return }
    if case .unix(let path) = address { unlink(path) }
    let descriptor = try ProxySystem.bound(to: address)
    guard listen(descriptor, 128) == 0 else {
      let failure = POSIXError(.init(rawValue: errno) ?? .EIO)
      Glibc.close(descriptor)
      throw failure
    }
    self.descriptor = descriptor
  }

  /// The next client that waits.
  func accept() -> Int32? {
    guard let descriptor else { return nil }
    let client = Glibc.accept(descriptor, nil, nil)
    guard client >= 0 else { return nil }
    ProxySystem.prepare(client)
    return client
  }

  /// Listens no longer; who waits is refused.
  func close() {
    guard let descriptor else { return }
    Glibc.close(descriptor)
    self.descriptor = nil
  }

  /// Gives the place up for good.
  func leave() {
    if let keeper { Glibc.close(keeper) }
    if case .unix(let path) = address { unlink(path) }
  }
}

/// The few calls of the system, without blocking.
enum ProxySystem {
  /// A socket bound to an address.
  static func bound(to address: FaultProxy.Address) throws -> Int32 {
    let descriptor = try socket(for: address)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    guard with(address, { bind(descriptor, $0, $1) }) == 0 else {
      let failure = POSIXError(.init(rawValue: errno) ?? .EIO)
      Glibc.close(descriptor)
      throw failure
    }
    return descriptor
  }

  /// A socket that is connected or about to be; nil if the address refuses at once.
  static func connect(to address: FaultProxy.Address) -> Int32? {
    guard let descriptor = try? socket(for: address) else { return nil }
    if with(address, { Glibc.connect(descriptor, $0, $1) }) == 0 || errno == EINPROGRESS {
      return descriptor
    }
    Glibc.close(descriptor)
    return nil
  }

  static func port(of descriptor: Int32) -> Int {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    // Has no effect on a Unix socket.
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
  }

  static func close(_ descriptor: Int32) {
    Glibc.close(descriptor)
  }

  private static func socket(for address: FaultProxy.Address) throws -> Int32 {
    let family =
      switch address {
      case .unix: AF_UNIX
      case .tcp: AF_INET
      }
    let descriptor = Glibc.socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    prepare(descriptor)
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
      withUnsafeMutableBytes(of: &unix.sun_path) {
        $0.copyBytes(from: Array(path.utf8).prefix(107))
      }
      return withUnsafePointer(to: &unix) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    case .tcp(let host, let port):
      var internet = sockaddr_in()
      internet.sin_family = sa_family_t(AF_INET)
      internet.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
      inet_pton(AF_INET, host, &internet.sin_addr)
      return withUnsafePointer(to: &internet) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }
}
