/// Where the database is and how much of it this process may use.
package struct DatabaseConfiguration: Sendable {
  /// libpq's connection string or `postgresql://` URL.
  ///
  /// Give hosts as IP addresses, `hostaddr` or a socket folder: looking a name up would block a loop. Several hosts with
  /// `target_session_attrs=read-write` follow a failover. May hold a password, so it isn't printed.
  package var connectionString: String
  /// Where shared reads go, if elsewhere: read replicas with `target_session_attrs=prefer-standby`.
  package var readConnectionString: String?
  /// The database's name, if not the one in the connection string.
  package var databaseName: String?
  /// What `pg_stat_activity` shows.
  package var applicationName = "registryd"

  /// Shared, pipelined connections for `query`; 1 to 64, at least one a loop is best.
  package var readConnections = 2
  /// Connections for `withTransaction`; 1 to 256.
  package var writeConnections = 8
  /// Connections for `slow`; 1 to 64.
  package var slowConnections = 2

  /// Connections for migrations and `runScript`, opened when wanted; 1 to 8.
  package var scriptConnections = 1

  /// How many reads may be waiting or under way in all; more are refused at arrival.
  package var readLimit = 1_500
  /// How many transactions may wait for a connection; more are refused at arrival.
  package var writeQueueLimit = 256
  /// How many slow transactions may wait for a connection.
  package var slowQueueLimit = 32
  /// How long a read should wait at most: who would wait longer, at the rate that is measured, is refused at arrival.
  package var readWait: Duration = .milliseconds(100)
  /// How long a transaction should wait for a connection at most; as `readWait`.
  package var writeWait: Duration = .seconds(1)
  /// How long a slow transaction should wait for a connection at most; as `readWait`.
  package var slowWait: Duration = .seconds(5)
  /// How many scripts may wait for a connection.
  package var scriptQueueLimit = 8
  /// How long one may wait for a connection, whatever its deadline.
  package var waitLimit: Duration = .seconds(5)

  /// How long opening a connection may take; each further attempt begins with another host.
  package var connectTimeout: Duration = .seconds(3)
  /// `statement_timeout` of reads and transactions.
  package var statementTimeout: Duration = .seconds(10)
  /// `statement_timeout` of slow transactions.
  package var slowStatementTimeout: Duration = .seconds(300)
  /// `lock_timeout`.
  package var lockTimeout: Duration = .seconds(5)
  /// `idle_in_transaction_session_timeout`.
  package var idleInTransactionTimeout: Duration = .seconds(10)
  /// How long after `statementTimeout` a connection without an answer is given up: its server or the network is gone.
  package var silenceLimit: Duration = .seconds(5)
  /// After which a connection is replaced when free, give or take a tenth.
  package var connectionLifetime: Duration = .seconds(3600)
  /// How many statements a connection keeps prepared; 1 or more.
  package var preparedStatementLimit = 256
  /// How often a transaction is begun before a conflict is the caller's; 1 or more.
  package var transactionAttempts = 5

  /// The defaults, for a database.
  package init(connectionString: String) {
    self.connectionString = connectionString
  }
}

extension DatabaseConfiguration: CustomStringConvertible {
  /// The numbers, without the connection string.
  package var description: String {
    "\(applicationName): \(readConnections) read, \(writeConnections) write, \(slowConnections) slow connections"
  }
}

/// What a connection is for; decides its settings.
enum ConnectionRole: String, Sendable {
  case read
  case write
  case slow
  /// Migrations and administration: no time limit, several statements in one text.
  case script
}

extension DatabaseConfiguration {
  func connectionString(for role: ConnectionRole) -> String {
    role == .read ? readConnectionString ?? connectionString : connectionString
  }

  /// `statement_timeout` of a role; zero for none.
  func statementTimeout(for role: ConnectionRole) -> Duration {
    switch role {
    case .read, .write: statementTimeout
    case .slow: slowStatementTimeout
    case .script: .zero
    }
  }

  /// The server settings of a role.
  func settings(for role: ConnectionRole) -> [(name: String, value: String)] {
    var settings = [
      (name: "statement_timeout", value: statementTimeout(for: role).milliseconds),
      (name: "lock_timeout", value: role == .script ? "0" : lockTimeout.milliseconds),
      (
        name: "idle_in_transaction_session_timeout",
        value: role == .script ? "0" : idleInTransactionTimeout.milliseconds
      ),
      (name: "TimeZone", value: "UTC"),
      (name: "DateStyle", value: "ISO"),
    ]
    switch role {
    case .read:
      // Reads are sent again when their group fails or their connection breaks, so they must not write.
      settings.append((name: "default_transaction_read_only", value: "on"))
      settings.append((name: "jit", value: "off"))
    case .write:
      settings.append((name: "jit", value: "off"))
    case .slow:
      // A caller who leaves closes the connection; the server is to notice.
      settings.append((name: "client_connection_check_interval", value: "1000"))
    case .script:
      break
    }
    return settings
  }
}

extension Duration {
  /// Whole milliseconds, at least 0, as a server setting.
  var milliseconds: String {
    String(max(0, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000))
  }
}
