package import APIConventions
package import Foundation
internal import Postgres
internal import Vocabulary

/// A delivery that has been claimed for an attempt.
struct DeliveryAttempt: Sendable {
  let delivery: Delivery
  /// From 1.
  let number: Int32
}

/// What stands at the head of a receiver's queue.
enum QueueHead: Sendable {
  /// Nothing, or nothing that is due, or somebody else is at it.
  case idle
  /// It is the claimant's until the lease ends.
  case claimed(DeliveryAttempt)
  /// It had no attempts left and is dead now.
  case exhausted(RegionalID)
}

/// The SQL of deliveries under way.
struct DeliveryStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Claims the head of the receiver's queue, if it is due.
  ///
  /// Nothing behind it is ever taken first. The claim is a lease in the row itself: who dies with it leaves the delivery to be made again.
  func claimHead(of receiver: Receiver, at instant: Date, until lease: Date) async throws
    -> QueueHead
  {
    let row = try await transaction.queryOne(
      """
      SELECT region_code, delivery_id, kind, subject, payload, attempt_count, next_attempt_time
      FROM outbox.delivery
      WHERE receiver = \(receiver.rawValue) AND state = 'queued'
      ORDER BY create_time, delivery_id
      LIMIT 1
      FOR UPDATE SKIP LOCKED
      """
    )
    guard let row else { return .idle }
    let (region, uuid, kind, subject, payload, attempts, due) = try row.decode(
      Int32.self,
      UUID.self,
      String.self,
      String.self,
      [UInt8].self,
      Int32.self,
      Date.self
    )
    guard due <= instant, try await head(of: receiver) == uuid,
      let region = RegionCode(rawValue: region)
    else { return .idle }
    let id = RegionalID(region: region, uuid: uuid)
    if attempts >= RetrySchedule.attemptLimit {
      try await bury(id, after: attempts, failure: "the last attempt was not concluded")
      return .exhausted(id)
    }
    try await transaction.execute(
      """
      UPDATE outbox.delivery
      SET attempt_count = attempt_count + 1, next_attempt_time = \(lease)
      WHERE region_code = \(region.rawValue) AND delivery_id = \(uuid)
      """
    )
    let delivery = Delivery(
      id: id,
      receiver: receiver,
      kind: kind,
      subject: subject,
      payload: payload
    )
    return .claimed(DeliveryAttempt(delivery: delivery, number: attempts + 1))
  }

  /// The head of the queue as it is now, locked or not: a locked one was skipped.
  private func head(of receiver: Receiver) async throws -> UUID? {
    try await transaction.queryOne(
      """
      SELECT delivery_id
      FROM outbox.delivery
      WHERE receiver = \(receiver.rawValue) AND state = 'queued'
      ORDER BY create_time, delivery_id
      LIMIT 1
      """
    )?.decode(UUID.self)
  }

  /// Marks a delivery as made.
  func conclude(_ id: RegionalID, receipt: String, at instant: Date) async throws {
    try await transaction.execute(
      """
      UPDATE outbox.delivery
      SET state = 'delivered', deliver_time = \(instant), receipt = \(receipt), last_failure = NULL
      WHERE region_code = \(id.region.rawValue) AND delivery_id = \(id.uuid) AND state <> 'delivered'
      """
    )
  }

  /// Has a delivery tried again, unless somebody else has begun the next attempt.
  func postpone(_ attempt: DeliveryAttempt, until instant: Date, failure: String) async throws {
    let id = attempt.delivery.id
    try await transaction.execute(
      """
      UPDATE outbox.delivery
      SET next_attempt_time = \(instant), last_failure = \(failure)
      WHERE region_code = \(id.region.rawValue) AND delivery_id = \(id.uuid)
        AND state = 'queued' AND attempt_count = \(attempt.number)
      """
    )
  }

  /// Gives a delivery up, unless somebody else has begun the next attempt.
  func bury(_ id: RegionalID, after attempts: Int32, failure: String) async throws {
    try await transaction.execute(
      """
      UPDATE outbox.delivery
      SET state = 'dead', last_failure = \(failure)
      WHERE region_code = \(id.region.rawValue) AND delivery_id = \(id.uuid)
        AND state = 'queued' AND attempt_count = \(attempts)
      """
    )
  }
}

/// A delivery that was given up.
package struct DeadDelivery: Hashable, Sendable {
  /// The delivery's id.
  package let id: RegionalID
  /// Who should have received it, as stored.
  package let receiver: String
  /// What it is.
  package let kind: String
  /// The resource that it is about.
  package let subject: String
  /// Why the last attempt failed.
  package let failure: String
}

extension Outbox {
  /// Deliveries that were given up, oldest first.
  ///
  /// - Parameter limit: How many at most.
  /// - Throws: `PostgresError`.
  /// - Returns: Them, without their payload.
  package func deadDeliveries(limit: Int) async throws -> [DeadDelivery] {
    try await transaction.query(
      """
      SELECT region_code, delivery_id, receiver, kind, subject, coalesce(last_failure, '')
      FROM outbox.delivery
      WHERE state = 'dead'
      ORDER BY create_time, delivery_id
      LIMIT \(limit)
      """
    ).compactMap { row in
      let (region, uuid, receiver, kind, subject, failure) = try row.decode(
        Int32.self,
        UUID.self,
        String.self,
        String.self,
        String.self,
        String.self
      )
      return RegionCode(rawValue: region).map {
        DeadDelivery(
          id: RegionalID(region: $0, uuid: uuid),
          receiver: receiver,
          kind: kind,
          subject: subject,
          failure: failure
        )
      }
    }
  }

  /// Queues a dead delivery again, under its id and at its old place, with all attempts.
  ///
  /// - Throws: `PostgresError`.
  /// - Returns: Whether it was dead.
  package func resend(_ id: RegionalID, at instant: Date) async throws -> Bool {
    try await transaction.execute(
      """
      UPDATE outbox.delivery
      SET state = 'queued', attempt_count = 0, next_attempt_time = \(instant)
      WHERE region_code = \(id.region.rawValue) AND delivery_id = \(id.uuid) AND state = 'dead'
      """
    ) == 1
  }
}
