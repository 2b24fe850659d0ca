/// The conditions by which this house decides something.
///
/// Source: PostgreSQL 15, appendix A.
package enum SQLState {
  /// A row with this key exists.
  package static let uniqueViolation = "23505"
  /// A foreign key points at nothing, or something still points here.
  package static let foreignKeyViolation = "23503"
  /// A CHECK constraint refused.
  package static let checkViolation = "23514"
  /// A NULL where none may be.
  package static let notNullViolation = "23502"
  /// An exclusion constraint refused.
  package static let exclusionViolation = "23P01"
  /// Two transactions can't both have happened; repeat.
  package static let serializationFailure = "40001"
  /// Two transactions waited for each other; repeat.
  package static let deadlockDetected = "40P01"
  /// A text holds what its encoding can't hold.
  package static let characterNotInRepertoire = "22021"
  /// `statement_timeout`, or a cancel.
  package static let queryCanceled = "57014"
  /// `lock_timeout`, or `NOWAIT`.
  package static let lockNotAvailable = "55P03"
  /// A statement after a failed one in the same transaction.
  package static let inFailedTransaction = "25P02"
  /// A write where only reading is allowed: the read connections, or a standby.
  package static let readOnlyTransaction = "25006"

  static let idleInTransactionTimeout = "25P03"
  static let invalidStatementName = "26000"
  static let featureNotSupported = "0A000"
  /// Shutdown, crash, start-up: the server goes or comes.
  static let serverUnavailable: Set<String> = ["57P01", "57P02", "57P03"]
}
