package import APIConventions
package import Foundation
package import Logging
package import Postgres

/// A receiver's answer that no repeat can change; the delivery is dead at once.
package struct DeliveryRefusal: Error, Hashable, Sendable {
  /// Why, without personal data.
  package let reason: String

  /// A refusal.
  package init(reason: String) {
    self.reason = reason
  }
}

/// What became of the delivery at the head of a queue.
package enum DeliveryRound: Hashable, Sendable {
  /// Nothing is due.
  case idle
  /// The receiver has it.
  case delivered(RegionalID)
  /// It will be tried again.
  case postponed(RegionalID)
  /// It is given up.
  case dead(RegionalID)
}

/// Brings deliveries to their receivers, behind whoever queued them: one after another to each
/// receiver, in the order of queueing, each at least once under its stable id.
///
/// A delivery that fails holds back those behind it until it succeeds, is refused or dies, so that no
/// receiver ever sees a later one first. Several deliverers may run, in any number of processes.
package struct Deliverer: Sendable {
  /// Hands a delivery to its receiver: returns the receipt, throws `DeliveryRefusal` if the receiver
  /// will never take it, and anything else if a repeat may succeed.
  package typealias Send = @Sendable (Delivery) async throws -> String

  private let database: Database
  private let now: @Sendable () -> Date
  private let logger: Logger
  private let receivers: [Receiver: Send]
  private let attemptTimeout: Duration
  private let pause: Duration

  /// A deliverer.
  ///
  /// - Parameters:
  ///   - database: Where the outbox is.
  ///   - receivers: How to reach each receiver; deliveries to others stay queued.
  ///   - now: The time now.
  ///   - logger: Hears of failures, by delivery id.
  ///   - attemptTimeout: After which an attempt is cancelled and counts as failed.
  ///   - pause: How long `run` waits when nothing is due.
  package init(
    _ database: Database,
    to receivers: [Receiver: Send],
    now: @escaping @Sendable () -> Date,
    logger: Logger = Logger(label: "outbox"),
    attemptTimeout: Duration = .seconds(30),
    pause: Duration = .seconds(1)
  ) {
    self.database = database
    self.receivers = receivers
    self.now = now
    self.logger = logger
    self.attemptTimeout = attemptTimeout
    self.pause = pause
  }

  /// Delivers until the task is cancelled; what is under way then is tried again by the next run.
  package func run() async {
    await withTaskGroup { group in
      for receiver in receivers.keys {
        group.addTask { await run(to: receiver) }
      }
    }
  }

  private func run(to receiver: Receiver) async {
    var failures = 0
    while !Task.isCancelled {
      var wait: Duration = .zero
      do {
        if try await deliverNext(to: receiver) == .idle { wait = pause }
        failures = 0
      } catch is CancellationError {
        return
      } catch {
        failures += 1
        if failures == 1 || failures.isMultiple(of: 16) {
          logger.error("the outbox cannot be read or written", metadata: ["error": "\(error)"])
        }
        wait = min(pause * (1 << min(failures, 10)), .seconds(30)) * Double.random(in: 0.5...1)
      }
      do {
        if wait > .zero { try await Task.sleep(for: wait) }
      } catch { return }
    }
  }

  /// Makes one attempt at the head of a receiver's queue.
  ///
  /// - Throws: `PostgresError`, `CancellationError`; then the attempt counts, and is repeated once its
  ///   lease has ended.
  /// - Returns: What became of it.
  package func deliverNext(to receiver: Receiver) async throws -> DeliveryRound {
    guard let send = receivers[receiver] else { return .idle }
    let instant = now()
    let lease = instant.addingTimeInterval(attemptTimeout / .seconds(1) + 10)
    let head = try await database.withTransaction { transaction in
      try await DeliveryStore(transaction).claimHead(of: receiver, at: instant, until: lease)
    }
    switch head {
    case .idle:
      return .idle
    case .exhausted(let id):
      report(id, attempt: RetrySchedule.attemptLimit, isDead: true)
      return .dead(id)
    case .claimed(let attempt):
      let id = attempt.delivery.id
      let receipt: String
      do {
        receipt = try await withTimeout { try await send(attempt.delivery) }
      } catch {
        try Task.checkCancellation()
        return try await conclude(attempt, failure: error)
      }
      try await database.withTransaction { transaction in
        try await DeliveryStore(transaction).conclude(id, receipt: Self.line(receipt), at: now())
      }
      return .delivered(id)
    }
  }

  private func conclude(
    _ attempt: DeliveryAttempt,
    failure: any Error
  ) async throws -> DeliveryRound {
    let id = attempt.delivery.id
    let refusal = failure as? DeliveryRefusal
    let reason = Self.line(refusal?.reason ?? String(describing: failure))
    let isDead = refusal != nil || attempt.number >= RetrySchedule.attemptLimit
    let seconds = RetrySchedule.seconds(
      afterAttempt: attempt.number,
      chance: Double.random(in: 0...1)
    )
    let due = now().addingTimeInterval(seconds)
    try await database.withTransaction { transaction in
      let store = DeliveryStore(transaction)
      if isDead {
        try await store.bury(id, after: attempt.number, failure: reason)
      } else {
        try await store.postpone(attempt, until: due, failure: reason)
      }
    }
    report(id, attempt: attempt.number, isDead: isDead)
    return isDead ? .dead(id) : .postponed(id)
  }

  private func report(_ id: RegionalID, attempt: Int32, isDead: Bool) {
    logger.log(
      level: isDead ? .error : .warning,
      isDead ? "a delivery is dead" : "a delivery failed and is tried again",
      metadata: ["delivery": "\(id)", "attempt": "\(attempt)"]
    )
  }

  private func withTimeout(
    _ body: @escaping @Sendable () async throws -> String
  ) async throws -> String {
    try await withThrowingTaskGroup(of: String.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: attemptTimeout)
        throw AttemptTimeout()
      }
      defer { group.cancelAll() }
      guard let receipt = try await group.next() else { throw AttemptTimeout() }
      return receipt
    }
  }

  /// What a receiver says, short enough for a row and without U+0000.
  private static func line(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.lazy.filter { $0 != "\0" }.prefix(500)))
  }
}

/// The receiver took too long.
private struct AttemptTimeout: Error, CustomStringConvertible {
  let description = "the attempt timed out"
}
