/// One message of PostgreSQL's protocol, version 3.
struct Frame {
  /// The message's letter; 0 for those that begin a session and have none.
  let kind: UInt8
  /// The message with letter and length.
  let bytes: [UInt8]

  /// What follows letter and length.
  private var body: ArraySlice<UInt8> { bytes.dropFirst(kind == 0 ? 4 : 5) }

  /// Whether the program asks for TLS or GSS; a proxy that must read refuses.
  var asksForEncryption: Bool {
    let code = body.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    return kind == 0 && (code == 80_877_103 || code == 80_877_104)
  }

  /// The body's null-terminated strings, of which it begins with at least `count`; fewer if it is malformed.
  func strings(_ count: Int) -> [String] {
    body.split(separator: 0, maxSplits: count, omittingEmptySubsequences: false).prefix(count)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The tag of a CommandComplete, for instance `COMMIT`.
  var completedCommand: String? {
    kind == UInt8(ascii: "C") ? strings(1).first : nil
  }
}

/// Cuts a stream of bytes into messages.
struct FrameReader {
  private var bytes: [UInt8] = []
  private var start = 0
  /// Whether the next message has no letter.
  private var awaitsStartup: Bool

  /// A reader of one direction of a session.
  init(beginsWithStartup: Bool) {
    awaitsStartup = beginsWithStartup
  }

  mutating func append(_ more: [UInt8]) {
    bytes.removeFirst(start)
    start = 0
    bytes += more
  }

  /// The next whole message, if it has come.
  mutating func next() -> Frame? {
    let lengthStart = start + (awaitsStartup ? 0 : 1)
    guard bytes.count >= lengthStart + 4 else { return nil }
    let length = bytes[lengthStart..<lengthStart + 4].reduce(0) { $0 << 8 | Int($1) }
    guard bytes.count >= lengthStart + length else { return nil }
    let kind = awaitsStartup ? 0 : bytes[start]
    let frame = Frame(kind: kind, bytes: Array(bytes[start..<lengthStart + length]))
    start = lengthStart + length
    if awaitsStartup { awaitsStartup = frame.asksForEncryption }
    return frame
  }
}

/// What a program asks of the server in one session, as far as it takes to know a transaction by its statements.
struct Transcript {
  private var statements: [String: String] = [:]
  private var portals: [String: String] = [:]
  /// The statements of the transaction that is open.
  private var transaction: [String] = []

  /// Notes a message of the program.
  ///
  /// - Returns: The transaction's statements if the message executes its COMMIT.
  mutating func commit(in frame: Frame) -> [String]? {
    switch frame.kind {
    case UInt8(ascii: "P"):
      let strings = frame.strings(2)
      if strings.count == 2 { statements[strings[0]] = strings[1] }
    case UInt8(ascii: "B"):
      let strings = frame.strings(2)
      if strings.count == 2 { portals[strings[0]] = statements[strings[1]] }
    case UInt8(ascii: "E"):
      return frame.strings(1).first.flatMap { portals[$0] }.flatMap { executed($0) }
    case UInt8(ascii: "Q"):
      return frame.strings(1).first.flatMap { executed($0) }
    default:
      break
    }
    return nil
  }

  private mutating func executed(_ statement: String) -> [String]? {
    switch statement.split(whereSeparator: \.isWhitespace).first?.uppercased() {
    case "BEGIN", "ROLLBACK":
      transaction = []
    case "COMMIT":
      defer { transaction = [] }
      return transaction
    default:
      transaction.append(statement)
    }
    return nil
  }
}
