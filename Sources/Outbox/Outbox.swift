package import APIConventions
package import Foundation
package import Postgres
package import SwiftProtobuf
internal import Vocabulary

/// Who receives a delivery.
package enum Receiver: String, CaseIterable, Sendable {
  /// The SMS gateway.
  case messages
}

/// What must reach the outside world.
package struct Delivery: Sendable {
  /// The stable id that the receiver sees at every attempt.
  package let id: RegionalID
  /// Who receives it.
  package let receiver: Receiver
  /// What it is, for instance `license.issued`.
  package let kind: String
  /// The resource that it is about, for instance `licenses/{credit_code}`.
  package let subject: String
  /// The receiver's request, serialized.
  package let payload: [UInt8]

  /// A delivery of `request` to `receiver`.
  ///
  /// - Throws: Only if `request` cannot be serialized.
  package init(
    id: RegionalID,
    to receiver: Receiver,
    kind: String,
    subject: String,
    request: some Message
  ) throws {
    self.id = id
    self.receiver = receiver
    self.kind = kind
    self.subject = subject
    self.payload = try request.serializedBytes()
  }

  /// A delivery as it was queued.
  init(id: RegionalID, receiver: Receiver, kind: String, subject: String, payload: [UInt8]) {
    self.id = id
    self.receiver = receiver
    self.kind = kind
    self.subject = subject
    self.payload = payload
  }
}

/// Deliveries, queued in the caller's transaction.
package struct Outbox: Sendable {
  let transaction: Transaction

  /// The outbox, in an open transaction.
  package init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Queues a delivery; it leaves once the transaction has committed.
  package func enqueue(_ delivery: Delivery, at instant: Date) async throws {
    _ = try await transaction.execute(
      """
      INSERT INTO outbox.delivery (region_code, delivery_id, receiver, kind, subject, payload,
        create_time, next_attempt_time)
      VALUES (\(delivery.id.region.rawValue), \(delivery.id.uuid), \(delivery.receiver.rawValue),
        \(delivery.kind), \(delivery.subject), \(delivery.payload), \(instant), \(instant))
      """
    )
  }
}
