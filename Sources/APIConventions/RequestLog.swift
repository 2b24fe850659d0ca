package import Foundation
package import GRPCCore
package import Postgres
internal import ShangMi
package import SwiftProtobuf

/// The id that a caller gives a write so that a repeat finds the first reply (AIP-155): a UUID v4.
package struct RequestID: Hashable, Sendable {
  /// The UUID.
  package let uuid: UUID

  /// Parses a request's `request_id`.
  ///
  /// - Throws: `RequestLogError.malformedRequestID` unless it is a UUID.
  package init(_ text: String) throws(RequestLogError) {
    guard text.utf8.count == 36, let uuid = UUID(uuidString: text) else {
      throw .malformedRequestID
    }
    self.uuid = uuid
  }
}

/// The log of writes: in the transaction of the write itself, so that a write and the memory of its
/// reply commit together or not at all.
package struct RequestLog: Sendable {
  private let transaction: Transaction
  private let instant: Date

  /// The log, in an open transaction.
  ///
  /// - Parameters:
  ///   - transaction: The write's transaction.
  ///   - instant: The time now; replies are remembered for 24 hours from it.
  package init(_ transaction: Transaction, at instant: Date) {
    self.transaction = transaction
    self.instant = instant
  }

  /// Runs `body` once for a caller's request id; a repeat returns the first reply.
  ///
  /// Two repeats at once: one waits for the other's commit and then returns its reply.
  ///
  /// - Parameters:
  ///   - id: The request's id.
  ///   - caller: The caller's resource name; ids of different callers never meet.
  ///   - request: The request, to tell a repeat from another request under the same id.
  ///   - body: The write. What it throws rolls everything back, the log's row too.
  /// - Returns: The reply of `body`, or the one given first.
  /// - Throws: `RequestLogError.reused` if the id was used for another request.
  package func once<Request: Message, Reply: Message>(
    _ id: RequestID,
    by caller: String,
    for request: Request,
    _ body: () async throws -> Reply
  ) async throws -> Reply {
    let bytes: [UInt8] = try request.serializedBytes()
    let digest = SM3.digest(Array(Request.protoMessageName.utf8) + [0] + bytes)
    if let first = try await claim(id, by: caller, digest: digest.bytes) {
      return try Reply(serializedBytes: first)
    }
    let reply = try await body()
    let replyBytes: [UInt8] = try reply.serializedBytes()
    _ = try await transaction.execute(
      """
      UPDATE apiconventions.request_log
      SET reply = \(replyBytes)
      WHERE caller = \(caller) AND request_id = \(id.uuid)
      """
    )
    return reply
  }

  /// Forgets replies that nobody may ask for any more, those older than 24 hours, oldest first.
  ///
  /// - Parameter limit: How many at most, so that no transaction is long.
  /// - Throws: `PostgresError`.
  /// - Returns: How many were forgotten.
  package func forgetOld(atMost limit: Int) async throws -> Int {
    try await transaction.execute(
      """
      DELETE FROM apiconventions.request_log
      WHERE (caller, request_id) IN (
        SELECT caller, request_id
        FROM apiconventions.request_log
        WHERE create_time < \(instant.addingTimeInterval(-86_400))
        ORDER BY create_time
        LIMIT \(limit)
        FOR UPDATE SKIP LOCKED
      )
      """
    )
  }

  /// Claims the id for this request, or finds the reply given before.
  private func claim(_ id: RequestID, by caller: String, digest: [UInt8]) async throws -> [UInt8]? {
    let claimed = try await transaction.execute(
      """
      INSERT INTO apiconventions.request_log (caller, request_id, request_sm3, create_time)
      VALUES (\(caller), \(id.uuid), \(digest), \(instant))
      ON CONFLICT (caller, request_id) DO NOTHING
      """
    )
    if claimed == 1 { return nil }
    guard
      let row = try await transaction.queryOne(
        """
        SELECT request_sm3, reply
        FROM apiconventions.request_log
        WHERE caller = \(caller) AND request_id = \(id.uuid)
        """
      )
    else { throw RequestLogError.reused }
    let (firstDigest, reply) = try row.decode([UInt8].self, [UInt8]?.self)
    guard firstDigest == digest, let reply else { throw RequestLogError.reused }
    return reply
  }
}

/// A write that cannot be told from another.
package enum RequestLogError: RegistryError, Equatable {
  /// `request_id` is not a UUID.
  case malformedRequestID
  /// The id was used for another request.
  case reused

  /// The request's fault, or the state's.
  package var code: RPCError.Code {
    switch self {
    case .malformedRequestID: .invalidArgument
    case .reused: .failedPrecondition
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .malformedRequestID: "REQUEST_ID_MALFORMED"
    case .reused: "REQUEST_ID_REUSED"
    }
  }

  /// What to do.
  package var message: String {
    switch self {
    case .malformedRequestID: "request_id must be a UUID, for instance of version 4."
    case .reused: "request_id was used for another request. Make a new one for a new request."
    }
  }
}
