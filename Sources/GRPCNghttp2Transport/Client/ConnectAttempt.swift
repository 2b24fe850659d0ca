internal import EventLoops
internal import GRPCCore
internal import Glibc

/// One attempt to connect: the look-up, then one address after the other until one gives a
/// connection over which the server's settings came.
///
/// Confined to its channel's loop. Reports to the channel exactly once, unless it is cancelled.
final class ConnectAttempt: @unchecked Sendable {
  // Unchecked: used on the loop only.

  private let channel: ClientChannel
  private var addresses: ArraySlice<SocketAddress> = []
  private var isOver = false
  private var timer: LoopTimer?
  /// A socket that is connecting.
  private var pending: Registration?
  /// A connection that is shaking hands.
  private var connection: ClientConnection?
  private var lastFailure = "no address was tried"

  init(channel: ClientChannel) {
    self.channel = channel
  }

  func start() {
    let limit = channel.configuration.connectTimeout
    timer = channel.loop.schedule(after: limit) { [self] in
      giveUp("it took longer than \(limit), \(lastFailure)")
    }
    if let address = SocketAddress(host: channel.host, port: channel.port) {
      addresses = [address]
      tryNext()
      return
    }
    Task { [channel, self] in
      let found: Result<[SocketAddress], any Error>
      do {
        found = .success(
          try await channel.workers.run {
            try NameLookup.addresses(of: channel.host, port: channel.port)
          }
        )
      } catch {
        found = .failure(error)
      }
      channel.loop.execute { self.lookedUp(found) }
    }
  }

  private func lookedUp(_ found: Result<[SocketAddress], any Error>) {
    guard !isOver else { return }
    switch found {
    case .success(let addresses):
      self.addresses = addresses[...]
      tryNext()
    case .failure(let error):
      let reason = (error as? NameLookup.Failure)?.reason ?? "\(error)"
      giveUp("the name can't be looked up: \(reason)")
    }
  }

  // MARK: An address

  private func tryNext() {
    guard !isOver else { return }
    guard let address = addresses.popFirst() else { return giveUp(lastFailure) }
    do {
      try connect(to: address)
    } catch {
      lastFailure = "\(address): \(error)"
      tryNext()
    }
  }

  private func connect(to address: SocketAddress) throws(TransportFailure) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
    guard descriptor >= 0 else { throw .socket(errno) }
    let code =
      address.withSystemAddress { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno } ?? EINVAL
    guard code == 0 || code == EINPROGRESS else {
      Glibc.close(descriptor)
      throw .socket(code)
    }
    do {
      pending = try channel.loop.register(descriptor, for: .writable) { [self] _ in
        connected(descriptor, address)
      }
    } catch {
      Glibc.close(descriptor)
      throw .loop(error)
    }
  }

  private func connected(_ descriptor: Int32, _ address: SocketAddress) {
    pending?.cancel()
    pending = nil
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0 { code = errno }
    do throws(TransportFailure) {
      guard code == 0 else {
        Glibc.close(descriptor)
        throw .socket(code)
      }
      let connection = try ClientConnection(
        descriptor: descriptor,
        channel: channel,
        attempt: self
      )
      self.connection = connection
      lastFailure = "\(address): no settings came"
      connection.start()
    } catch {
      failed(error, at: address.description)
    }
  }

  // MARK: The connection's report

  /// The server's settings came.
  func succeeded(_ connection: ClientConnection) {
    guard !isOver else { return }
    end()
    channel.connected(connection)
  }

  /// The connection closed before that.
  func failed(_ failure: TransportFailure, at address: String? = nil) {
    guard !isOver else { return }
    connection = nil
    lastFailure = address.map { "\($0): \(failure)" } ?? failure.description
    tryNext()
  }

  // MARK: The end

  private func giveUp(_ reason: String) {
    guard !isOver else { return }
    cancel()
    let message = "Can't connect to \(channel.host), port \(channel.port): \(reason)."
    channel.attemptFailed(RPCError(code: .unavailable, message: message))
  }

  /// Ends the attempt without a report.
  func cancel() {
    guard !isOver else { return }
    let unfinished = connection
    end()
    if let pending {
      pending.cancel()
      Glibc.close(pending.descriptor)
    }
    pending = nil
    unfinished?.close(.closedHere)
  }

  private func end() {
    isOver = true
    timer?.cancel()
    timer = nil
    connection = nil
  }
}
