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

  /// An id that was parsed before.
  init(_ uuid: UUID) {
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
    let digest = try LoggedRequest.digest(of: request)
    if let first = try await claim(id, by: caller, digest: digest) {
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

/// A write as the log knows it, for those that are done in batches.
package struct LoggedRequest: Sendable {
  /// Under what a reply is remembered.
  package struct Key: Hashable, Sendable {
    /// The caller's resource name.
    package let caller: String
    /// The request's id.
    package let id: RequestID
  }

  /// What its reply is remembered under.
  package let key: Key
  /// SM3 of the request, 32 bytes.
  let digest: [UInt8]
  /// When it came.
  package let instant: Date

  /// A request.
  ///
  /// - Parameters:
  ///   - id: Its id.
  ///   - caller: The caller's resource name; ids of different callers never meet.
  ///   - request: The request itself.
  ///   - instant: The time now.
  /// - Throws: Only if `request` cannot be serialized.
  package init<Request: Message>(
    _ id: RequestID,
    by caller: String,
    for request: Request,
    at instant: Date
  ) throws {
    key = Key(caller: caller, id: id)
    digest = try Self.digest(of: request)
    self.instant = instant
  }

  /// SM3 of a request and its type.
  static func digest<Request: Message>(of request: Request) throws -> [UInt8] {
    let bytes: [UInt8] = try request.serializedBytes()
    return SM3.digest(Array(Request.protoMessageName.utf8) + [0] + bytes).bytes
  }
}

// A batch looks its requests up after it has locked what they change, and remembers its replies in the
// order of their keys. Two repeats at once meet at that lock; two requests under one id, which change
// different things, at the log's key.
extension RequestLog {
  /// The replies that were given before, by key; none for requests that are new.
  ///
  /// A request whose id was used for another gets `RequestLogError.reused`.
  ///
  /// - Parameter requests: Each under a key of its own.
  /// - Returns: The question, for a transaction.
  package static func replies(
    to requests: [LoggedRequest]
  ) -> Query<[LoggedRequest.Key: Result<[UInt8], RequestLogError>]> {
    let digests = Dictionary(requests.map { ($0.key, $0.digest) }) { first, _ in first }
    return Query(
      """
      SELECT l.caller, l.request_id, l.request_sm3, l.reply
      FROM apiconventions.request_log l
      JOIN unnest(\(requests.map(\.key.caller))::text[], \(requests.map(\.key.id.uuid)))
        AS asked (caller, request_id)
        ON asked.caller = l.caller AND asked.request_id = l.request_id
      """
    ) { rows in
      var replies: [LoggedRequest.Key: Result<[UInt8], RequestLogError>] = [:]
      for row in rows {
        let (caller, id, digest, reply) = try row.decode(
          String.self,
          UUID.self,
          [UInt8].self,
          [UInt8]?.self
        )
        let key = LoggedRequest.Key(caller: caller, id: RequestID(id))
        guard let reply, digests[key] == digest else {
          replies[key] = .failure(.reused)
          continue
        }
        replies[key] = .success(reply)
      }
      return replies
    }
  }

  /// Remembers replies; a key that was taken meanwhile violates `request_log_pkey`.
  ///
  /// - Parameter replies: The requests with their serialized replies.
  /// - Returns: The statement, for a transaction; its value is how many they are.
  package static func remembering(
    _ replies: [(request: LoggedRequest, reply: [UInt8])]
  ) -> Query<Int> {
    Query(
      affecting: """
        INSERT INTO apiconventions.request_log (caller, request_id, request_sm3, reply, create_time)
        SELECT t.caller, t.request_id, t.request_sm3, t.reply, t.create_time
        FROM unnest(\(replies.map(\.request.key.caller))::text[],
            \(replies.map(\.request.key.id.uuid)), \(replies.map(\.request.digest)),
            \(replies.map(\.reply)), \(replies.map(\.request.instant)))
          AS t (caller, request_id, request_sm3, reply, create_time)
        ORDER BY t.caller, t.request_id
        """
    )
  }

  /// Whether an error says that a request's key was taken by another at the same time: the same call
  /// made again finds what was remembered.
  package static func wasTaken(_ error: PostgresError) -> Bool {
    error.constraintName == "request_log_pkey"
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
