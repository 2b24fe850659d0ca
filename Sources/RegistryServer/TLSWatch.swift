internal import Foundation
internal import GRPCNghttp2Transport
internal import Identity
internal import Logging
internal import Synchronization

/// Keeps the doors' TLS as its files say, while calls go on.
///
/// Files that cannot be used are refused whole, and told; the present ones stay.
final class TLSWatch: Sendable {
  private struct State {
    var material: TLSMaterial
    /// The files' marks when they were last read, whether they could be used or not.
    var read: [TLSFiles.Mark?]
    /// Their marks at the last look.
    var seen: [TLSFiles.Mark?]
    var toldOutdated = false
    var looksUntilJudgement = TLSWatch.looksPerJudgement
  }

  /// What is read anew.
  struct Doors: Sendable {
    let outer: Nghttp2ServerTransport
    let inner: Nghttp2ServerTransport
    let gateways: PartnerGateways?
  }

  /// How often the files are looked at: a change is read when two looks have found it the same.
  private static let pause = Duration.milliseconds(500)
  /// Certificates and lists run out: open connections are judged once a minute.
  private static let looksPerJudgement = 120

  private let files: TLSFiles
  private let doors: Doors
  private let request: ReloadRequest
  private let logger: Logger
  private let state: Mutex<State>

  /// - Parameters:
  ///   - identity: What the doors were opened with.
  ///   - doors: The doors.
  ///   - request: Asks for the files to be read, changed or not.
  ///   - logger: Hears what was read or refused, and whose connection ended.
  init(_ identity: ServerIdentity, doors: Doors, request: ReloadRequest, logger: Logger) {
    files = identity.files
    self.doors = doors
    self.request = request
    self.logger = logger
    state = Mutex(State(material: identity.tls, read: identity.marks, seen: identity.marks))
  }

  /// Watches until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      await look()
      do { try await Task.sleep(for: Self.pause) } catch { return }
    }
  }

  /// One look: reads the files if that was asked for or they have changed, and judges connections
  /// when it is time.
  func look() async {
    tellOutdated()
    let marks = files.marks
    let hasChanged = state.withLock { state in
      defer { state.seen = marks }
      return marks != state.read && marks == state.seen
    }
    if request.take() {
      await reload(marks, because: "asked for")
    } else if hasChanged {
      await reload(marks, because: "changed")
    } else if isTimeToJudge() {
      for (listener, transport) in transports {
        tell(await transport.endRefusedConnections(), on: listener)
      }
    }
  }

  private func isTimeToJudge() -> Bool {
    state.withLock { state in
      state.looksUntilJudgement -= 1
      guard state.looksUntilJudgement <= 0 else { return false }
      state.looksUntilJudgement = Self.looksPerJudgement
      return true
    }
  }

  private var transports: [(Listener, Nghttp2ServerTransport)] {
    [(.outer, doors.outer), (.inner, doors.inner)]
  }

  private func reload(_ marks: [TLSFiles.Mark?], because reason: String) async {
    let present = state.withLock { state in
      state.read = marks
      return state.material
    }
    do {
      let material = try files.read()
      if material.revocationLists != present.revocationLists,
        material.hasOutdatedList(at: Date())
      {
        throw ServerError.outdatedRevocationList
      }
      // Whatever one refuses the first refuses, before anything has changed.
      for (listener, transport) in transports {
        tell(try await transport.replaceTLS(material.serverOptions(on: listener)), on: listener)
      }
      try doors.gateways?.replaceTLS(material.clientOptions)
      state.withLock { state in
        state.material = material
        state.toldOutdated = false
        state.looksUntilJudgement = Self.looksPerJudgement
      }
      logger.notice("certificates, key, roots and revocation lists read anew: \(reason)")
    } catch {
      logger.error(
        "certificates, key, roots or revocation lists are refused, the present ones stay",
        metadata: ["error": "\(error)"]
      )
    }
  }

  private func tell(_ refused: [PeerCertificate], on listener: Listener) {
    for certificate in refused {
      logger.notice(
        "connection ended: its certificate is refused",
        metadata: [
          "listener": "\(listener)",
          "subject": "\(certificate.subject)",
          "serial":
            "\(certificate.serialNumber.map { String($0, radix: 16) }.joined(separator: ":"))",
        ]
      )
    }
  }

  /// Says once that a list has run out, since nobody it speaks of can connect.
  private func tellOutdated() {
    let end = state.withLock { state -> Date? in
      guard !state.toldOutdated, state.material.hasOutdatedList(at: Date()) else { return nil }
      state.toldOutdated = true
      return state.material.listsEnd
    }
    guard let end else { return }
    logger.error(
      "a revocation list has run out: certificates of its issuer are refused until there is a new one",
      metadata: ["since": "\(end.formatted(.iso8601))"]
    )
  }
}

/// Asks for certificates and their like to be read anew; any thread.
package final class ReloadRequest: Sendable {
  private let isWaiting = Atomic<Bool>(false)

  /// None yet.
  package init() {}

  /// Asks; what is asked twice before it is done is done once.
  package func ask() { isWaiting.store(true, ordering: .releasing) }

  /// Whether it was asked for; then no more.
  func take() -> Bool { isWaiting.exchange(false, ordering: .acquiringAndReleasing) }
}
