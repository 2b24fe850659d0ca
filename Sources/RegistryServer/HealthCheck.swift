internal import Accounts
internal import Foundation
internal import Identity
internal import Ledger
internal import Logging
internal import Postgres
internal import ShangMi
internal import Synchronization

/// Finds out whether the registry can serve: the database answers the question that begins every call,
/// the trace can be chained, and the signer signs.
struct HealthCheck: Sendable {
  /// What was found wanting.
  enum Fault: Error {
    /// The signature that the signer made is not good.
    case signature
  }

  private let authenticator: Authenticator
  private let sequencer: Sequencer
  private let key: SigningKey
  private let health: Health
  private let logger: Logger
  private let pulse = Pulse()

  init(
    authenticator: Authenticator,
    sequencer: Sequencer,
    key: SigningKey,
    health: Health,
    logger: Logger
  ) {
    self.authenticator = authenticator
    self.sequencer = sequencer
    self.key = key
    self.health = health
    self.logger = logger
  }

  /// How often it looks, and how long the database may take to answer.
  private static let interval = Duration.seconds(1)
  /// No session has this token.
  private static let probeToken = String(repeating: "-", count: 43)
  private static let probe = Array("health".utf8)

  /// Chains the trace until the task is cancelled.
  func sequence() async {
    await sequencer.run { pulse.beat() }
  }

  /// Looks until the task is cancelled, and notes what it found.
  func run() async {
    while !Task.isCancelled {
      do {
        try await look()
        if health.note(serving: true) { logger.notice("serving") }
      } catch is CancellationError {
        return
      } catch {
        if health.note(serving: false) {
          logger.error("not serving", metadata: ["error": "\(error)"])
        }
      }
      do { try await Task.sleep(for: Self.interval) } catch { return }
    }
  }

  /// Looks once.
  ///
  /// - Throws: What is wrong: `PostgresError`, `SequencerFault`, `ShangMiError`, `Fault`.
  func look() async throws {
    try await Database.$deadline.withValue(.now + Self.interval * 2) {
      // However many callers wait: a database that is busy isn't away.
      _ = try await Database.$errand.withValue(.health) {
        try await authenticator.caller(sessionToken: Self.probeToken)
      }
      // While the sequencer runs, one more would only be in its way.
      if !pulse.hasBeaten(within: Self.interval * 2) { _ = try await sequencer.sequence() }
    }
    let signature = try key.sign(Self.probe)
    guard key.publicKey.isValidSignature(signature, over: Self.probe) else {
      throw Fault.signature
    }
  }
}

/// When the sequencer last ran without failing.
private final class Pulse: Sendable {
  private let last = Mutex<ContinuousClock.Instant?>(nil)

  func beat() {
    last.withLock { $0 = .now }
  }

  func hasBeaten(within time: Duration) -> Bool {
    last.withLock { last in last.map { .now - $0 <= time } ?? false }
  }
}
