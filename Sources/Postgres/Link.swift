internal import CLibPQ

/// One `PGconn` in non-blocking mode: libpq's calls, and nothing decided.
///
/// It has one owner, a `Connection`, on whose loop's thread everything here is called. No call blocks, given that hosts are
/// addresses (see `DatabaseConfiguration`).
final class Link {
  private let handle: OpaquePointer
  /// Why the server ended the session while nothing was under way; libpq takes it for a notice.
  private let farewell = Farewell()

  /// Begins to connect; go on with `poll`.
  ///
  /// - Parameters:
  ///   - configuration: Where to.
  ///   - role: What for.
  ///   - attempt: How often it failed before; of several hosts, each attempt begins with another.
  /// - Throws: `PostgresError` of kind `connectionLost`, for a malformed connection string too.
  init(
    _ configuration: DatabaseConfiguration,
    role: ConnectionRole,
    attempt: Int
  ) throws(PostgresError) {
    var parameters = try Self.parameters(configuration, role: role)
    for name in ["host", "hostaddr", "port"] {
      if let list = parameters[name] { parameters[name] = Self.rotated(list, by: attempt) }
    }
    let names = CStrings(parameters.map(\.key))
    let values = CStrings(parameters.map(\.value))
    let handle = withExtendedLifetime((names, values)) {
      PQconnectStartParams(names.pointers, values.pointers, 0)
    }
    guard let handle else {
      throw PostgresError(.connectionLost, "libpq has no memory left")
    }
    self.handle = handle
    guard PQstatus(handle) != CONNECTION_BAD else { throw lost() }
    PQsetNoticeReceiver(
      handle,
      { farewell, notice in
        guard let farewell, let notice else { return }
        Unmanaged<Farewell>.fromOpaque(farewell).takeUnretainedValue().note(notice)
      },
      Unmanaged.passUnretained(farewell).toOpaque()
    )
  }

  deinit {
    PQfinish(handle)
  }

  /// What the connection waits for while it is being opened.
  enum Progress {
    case wantsReading
    case wantsWriting
    case connected
    case failed
  }

  func poll() -> Progress {
    switch PQconnectPoll(handle) {
    case PGRES_POLLING_READING: .wantsReading
    case PGRES_POLLING_WRITING: .wantsWriting
    case PGRES_POLLING_OK: .connected
    default: .failed
    }
  }

  /// The socket; changes from host to host while the connection is being opened.
  var descriptor: Int32 { PQsocket(handle) }

  /// Turns blocking calls off; false if the connection is broken.
  func makeNonBlocking() -> Bool { PQsetnonblocking(handle, 1) == 0 }

  /// Several statements may be under way; false if something is.
  func enterPipelineMode() -> Bool { PQenterPipelineMode(handle) == 1 }

  /// For a text of several statements, which a pipeline can't carry; false if something is under way.
  func leavePipelineMode() -> Bool { PQexitPipelineMode(handle) == 1 }

  /// Reads what has come; false if the connection is broken.
  func consumeInput() -> Bool { PQconsumeInput(handle) == 1 }

  /// Whether `nextResult` would have to wait.
  var isBusy: Bool { PQisBusy(handle) == 1 }

  /// Takes in what the server said last; call only when nothing is under way.
  func hearFarewell() {
    // In a pipeline, libpq looks at what comes unasked only once it has found its queue empty.
    if let result = PQgetResult(handle) { PQclear(result) }
    _ = PQisBusy(handle)
  }

  var isBroken: Bool { PQstatus(handle) == CONNECTION_BAD }

  /// Whether no transaction is open and no statement under way.
  var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

  /// Whether a transaction is open and hasn't failed.
  var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }

  /// Sends what is queued: true when all of it has gone, false to be called again, nil if broken.
  func flush() -> Bool? {
    switch PQflush(handle) {
    case 0: true
    case 1: false
    default: nil
    }
  }

  /// Why the connection is lost: what the server said last, else libpq's words.
  func lost() -> PostgresError {
    farewell.error ?? PostgresError(.connectionLost, Self.text(PQerrorMessage(handle)))
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    guard let pointer else { return "" }
    return String(cString: pointer).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

// MARK: Statements

extension Link {
  /// Queues the preparation of a statement under a name; false if broken.
  func sendPrepare(_ name: String, _ sql: SQL) -> Bool {
    let types = sql.parameters.map(\.type)
    return PQsendPrepare(handle, name, sql.text, Int32(types.count), types) == 1
  }

  /// Queues the execution of a prepared statement, results in binary; false if broken.
  func sendExecute(_ name: String, _ sql: SQL) -> Bool {
    let parameters = sql.parameters
    guard !parameters.isEmpty else {
      return PQsendQueryPrepared(handle, name, 0, nil, nil, nil, 1) == 1
    }
    return sql.values.withUnsafeBytes { values in
      withUnsafeTemporaryAllocation(
        of: UnsafePointer<CChar>?.self,
        capacity: parameters.count
      ) { pointers in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * parameters.count) { numbers in
          for (index, parameter) in parameters.enumerated() {
            pointers[index] = Self.pointer(to: parameter, in: values)
            numbers[index] = Int32(clamping: max(0, parameter.count))
            numbers[parameters.count + index] = parameter.isText ? 0 : 1
          }
          return PQsendQueryPrepared(
            handle,
            name,
            Int32(parameters.count),
            pointers.baseAddress,
            numbers.baseAddress,
            numbers.baseAddress.map { $0 + parameters.count },
            1
          ) == 1
        }
      }
    }
  }

  /// Where a parameter's bytes are; nil for NULL.
  private static func pointer(
    to parameter: SQL.Parameter,
    in values: UnsafeRawBufferPointer
  ) -> UnsafePointer<CChar>? {
    guard parameter.count >= 0, let base = values.baseAddress else { return nil }
    return (base + parameter.start).assumingMemoryBound(to: CChar.self)
  }

  /// Forgets a prepared statement; false if broken.
  func sendDeallocate(_ name: String) -> Bool {
    PQsendQueryParams(handle, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 1) == 1
  }

  /// Ends a group of statements and sends what is queued; false if broken.
  func sync() -> Bool { PQpipelineSync(handle) == 1 }

  /// Sends a text of several statements, outside pipeline mode; false if broken.
  func sendScript(_ text: String) -> Bool { PQsendQuery(handle, text) == 1 }

  /// What comes next in a pipeline.
  enum Answer {
    case result(ResultSet)
    case failure(PostgresError)
    /// Not executed, because an earlier statement of its group failed.
    case skipped
    case synced
    /// The end of one statement's answers.
    case end
    /// Something that this house never asks for.
    case unexpected
  }

  /// The next answer; call only when not busy.
  func nextAnswer() -> Answer {
    guard let result = PQgetResult(handle) else { return .end }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      return .result(ResultSet(result))
    case PGRES_PIPELINE_SYNC:
      PQclear(result)
      return .synced
    case PGRES_PIPELINE_ABORTED:
      PQclear(result)
      return .skipped
    case PGRES_FATAL_ERROR:
      defer { PQclear(result) }
      return .failure(Self.error(of: result))
    default:
      PQclear(result)
      return .unexpected
    }
  }

  fileprivate static func error(of result: OpaquePointer) -> PostgresError {
    func field(_ code: Int32) -> String? {
      PQresultErrorField(result, code).map { String(cString: $0) }
    }
    let sqlState = field(DiagnosticField.sqlState)
    let severity = field(DiagnosticField.severity)
    var error = PostgresError(
      kind(sqlState: sqlState),
      field(DiagnosticField.message) ?? text(PQresultErrorMessage(result)),
      sqlState: sqlState
    )
    error.detail = field(DiagnosticField.detail)
    error.hint = field(DiagnosticField.hint)
    error.schemaName = field(DiagnosticField.schema)
    error.tableName = field(DiagnosticField.table)
    error.columnName = field(DiagnosticField.column)
    error.constraintName = field(DiagnosticField.constraint)
    error.isFatal = sqlState == nil || severity == "FATAL" || severity == "PANIC"
    return error
  }

  private static func kind(sqlState: String?) -> PostgresError.Kind {
    // Without a code it is libpq itself that speaks: the connection broke.
    guard let sqlState else { return .connectionLost }
    switch sqlState {
    case SQLState.queryCanceled, SQLState.lockNotAvailable, SQLState.idleInTransactionTimeout:
      return .timedOut
    default:
      return sqlState.hasPrefix("08") || SQLState.serverUnavailable.contains(sqlState)
        ? .connectionLost : .server
    }
  }
}

/// `PG_DIAG_…` of `postgres_ext.h`, which Swift doesn't import.
private enum DiagnosticField {
  static let severity = Int32(UInt8(ascii: "V"))
  static let sqlState = Int32(UInt8(ascii: "C"))
  static let message = Int32(UInt8(ascii: "M"))
  static let detail = Int32(UInt8(ascii: "D"))
  static let hint = Int32(UInt8(ascii: "H"))
  static let schema = Int32(UInt8(ascii: "s"))
  static let table = Int32(UInt8(ascii: "t"))
  static let column = Int32(UInt8(ascii: "c"))
  static let constraint = Int32(UInt8(ascii: "n"))
}

// MARK: Opening

extension Link {
  /// The connection string taken apart, with our settings added where it says nothing.
  private static func parameters(
    _ configuration: DatabaseConfiguration,
    role: ConnectionRole
  ) throws(PostgresError) -> [String: String] {
    var complaint: UnsafeMutablePointer<CChar>?
    guard
      let options = PQconninfoParse(configuration.connectionString(for: role), &complaint)
    else {
      // The complaint may quote the string, and with it a password.
      PQfreemem(complaint)
      throw PostgresError(.connectionLost, "the connection string is malformed")
    }
    defer { PQconninfoFree(options) }
    var given: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    let settings = configuration.settings(for: role).map { "-c \($0.name)=\($0.value)" }
    given["options"] = (settings + [given["options"]].compactMap(\.self)).joined(separator: " ")
    let defaults = [
      "application_name": "\(configuration.applicationName) \(role.rawValue)",
      "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
      "tcp_user_timeout": "3000",
    ]
    given.merge(defaults) { own, _ in own }
    given["client_encoding"] = "UTF8"
    if let name = configuration.databaseName { given["dbname"] = name }
    // libpq would take the settings of a reading connection for a server that can't write.
    if role == .read, given["target_session_attrs"] == "read-write" {
      given["target_session_attrs"] = "primary"
    }
    return given
  }

  /// A list of hosts, or of their ports, beginning with another one: a host that is silent must not always be the first.
  static func rotated(_ list: String, by steps: Int) -> String {
    let items = list.split(separator: ",", omittingEmptySubsequences: false)
    let start = steps % items.count
    return (items[start...] + items[..<start]).joined(separator: ",")
  }
}

/// What a server said when it ended a session.
private final class Farewell {
  private(set) var error: PostgresError?

  /// Looks whether a notice is one.
  func note(_ notice: OpaquePointer) {
    let error = Link.error(of: notice)
    if error.isFatal, error.sqlState != nil { self.error = error }
  }
}

/// A null-terminated array of C strings, freed with its owner.
private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() {
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.utf8.count + 1)
      for (place, byte) in string.utf8.enumerated() { copy[place] = CChar(bitPattern: byte) }
      copy[string.utf8.count] = 0
      (pointers + index).initialize(to: UnsafePointer(copy))
    }
    (pointers + count).initialize(to: nil)
  }

  deinit {
    for index in 0..<count { pointers[index]?.deallocate() }
    pointers.deallocate()
  }
}
