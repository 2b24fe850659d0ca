/// Why the database didn't do what it was asked.
///
/// The description never holds a value: the server's `DETAIL` may quote a person's data, so it stands apart.
package struct PostgresError: Error, Sendable, Hashable {
  /// What happened, as far as a caller has to tell cases apart.
  package enum Kind: Sendable, Hashable {
    /// The server refused a statement; see `sqlState` and `constraintName`. Nothing of it took effect.
    case server
    /// A value can't be bound; nothing was sent.
    case encoding
    /// A row doesn't hold what was asked of it.
    case decoding
    /// `queryOne` met more than one row.
    case tooManyRows
    /// No connection, or it broke before the end; the transaction didn't commit.
    case connectionLost
    /// The connection broke, or time ran out, between sending COMMIT and its answer: it may have committed or not.
    ///
    /// Repeat with the same request id.
    case inDoubt
    /// More callers wait than can be served in time; nothing was sent, see `retryDelay`.
    case poolExhausted
    /// The caller's deadline, `statement_timeout` or `lock_timeout` passed; the transaction didn't commit.
    case timedOut
    /// The transaction or the database was used after its end.
    case closed
  }

  /// What happened.
  package let kind: Kind
  /// What to tell an operator; holds no bound value.
  package let message: String
  /// Five characters, if the server spoke.
  package let sqlState: String?
  /// The server's `DETAIL`; may quote row values, so it is for the caller and not for logs.
  package var detail: String?
  /// The server's `HINT`.
  package var hint: String?
  /// The schema of the table concerned.
  package var schemaName: String?
  /// The table concerned.
  package var tableName: String?
  /// The column concerned.
  package var columnName: String?
  /// The constraint that refused; for a unique index, its name.
  package var constraintName: String?
  /// The statement's text with placeholders.
  package var statement: String?
  /// Whether the server ended the session with it.
  var isFatal = false
  /// When to come again, of who was refused because too many wait.
  package var retryDelay: Duration?
  /// Whether it was the caller's own deadline that passed, not a limit of ours.
  package var isCallersDeadline = false
  /// Whether it is certain that nothing was sent.
  var isUnsent = false

  /// An error of a kind.
  package init(
    _ kind: Kind,
    _ message: String,
    sqlState: String? = nil,
    statement: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.sqlState = sqlState
    self.statement = statement
  }

  /// Whether a transaction that failed so may be repeated whole, with a chance of success.
  package var isTransient: Bool {
    switch kind {
    case .connectionLost: true
    case .server:
      sqlState == SQLState.serializationFailure
        || sqlState == SQLState.deadlockDetected || isStalePlan
    case .encoding, .decoding, .tooManyRows, .inDoubt, .poolExhausted, .timedOut, .closed: false
    }
  }

  /// Whether a transaction that writes met a server that takes no writes any more; nothing of it took effect.
  var isFailedOver: Bool { sqlState == SQLState.readOnlyTransaction }

  /// Whether the statement has to be prepared again: it was never prepared, or its table changed.
  var isStalePlan: Bool {
    sqlState == SQLState.invalidStatementName
      || (sqlState == SQLState.featureNotSupported && message.contains("cached plan"))
  }
}

extension PostgresError: CustomStringConvertible {
  /// Kind, SQLSTATE, message, constraint and statement, without any value.
  package var description: String {
    var text = "PostgresError.\(kind)"
    if let sqlState { text += " \(sqlState)" }
    text += ": \(message)"
    if let constraintName { text += " [constraint \(constraintName)]" }
    if let statement { text += " [statement \(statement)]" }
    return text
  }
}
