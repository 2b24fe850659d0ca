internal import Foundation

/// Where to call and as whom: what `--context` names.
struct Context: Codable, Equatable, Sendable {
  /// `host:port`; a numeric address of version 6 in brackets.
  var endpoint: String
  /// PEM with the roots to trust; nil for those of the operating system.
  var trust: String?
  /// PEM with the client's certificate, for staff and partners.
  var certificate: String?
  /// PEM with the certificate's key.
  var clientKey: String?
  /// The name that the server's certificate bears, if it is another than the host.
  var serverName: String?
  /// The name or file of the key that signs.
  var key: String?
  /// Format: `accounts/{account}`.
  var account: String?

  enum CodingKeys: String, CodingKey {
    case endpoint, trust, certificate, key, account
    case clientKey = "client_key"
    case serverName = "server_name"
  }
}

/// All contexts, and which one is used.
struct Contexts: Codable, Equatable, Sendable {
  /// The name of the one in use.
  var current: String?
  var contexts: [String: Context] = [:]

  /// The contexts of a home; none if it has no file.
  ///
  /// - Parameter home: The home.
  /// - Throws: `fileUnreadable`, `fileMalformed`.
  init(of home: Home) throws(ShellError) {
    guard let data = try PrivateFile.read(home.contextsFile) else { return }
    guard let contexts = try? JSONDecoder().decode(Contexts.self, from: data) else {
      throw .fileMalformed(path: home.contextsFile)
    }
    self = contexts
  }

  /// A context by name.
  ///
  /// - Parameter name: Its name.
  /// - Returns: The context.
  /// - Throws: `unknownContext`.
  func context(_ name: String) throws(ShellError) -> Context {
    guard let context = contexts[name] else { throw .unknownContext(name) }
    return context
  }

  /// Reads, changes and writes the contexts of a home, alone among processes.
  ///
  /// - Parameters:
  ///   - home: The home.
  ///   - change: Changes them.
  /// - Throws: What reading and writing throws, and the closure.
  static func update(of home: Home, _ change: (inout Contexts) throws -> Void) throws {
    try PrivateFile.withLock(on: home.contextsFile) {
      var contexts = try Contexts(of: home)
      try change(&contexts)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try PrivateFile.write(Array(try encoder.encode(contexts)), to: home.contextsFile)
    }
  }
}

/// A session that a later command goes on with.
struct StoredSession: Codable, Equatable, Sendable {
  /// Goes with every call; a secret.
  var token: String
  /// Format: `accounts/{account}`.
  var account: String
  /// RFC 3339.
  var expireTime: String
  /// The endpoint that gave it, the only one to which it is sent.
  var endpoint: String

  enum CodingKeys: String, CodingKey {
    case token, account, endpoint
    case expireTime = "expire_time"
  }

  /// The session of a context.
  ///
  /// - Parameters:
  ///   - context: The context's name.
  ///   - home: The home.
  /// - Returns: The session; nil if it has none.
  /// - Throws: `fileUnreadable`, `fileMalformed`, `nameUnlawful`.
  static func read(of context: String, in home: Home) throws(ShellError) -> StoredSession? {
    let file = try home.sessionFile(context)
    guard let data = try PrivateFile.read(file) else { return nil }
    guard let session = try? JSONDecoder().decode(StoredSession.self, from: data) else {
      throw .fileMalformed(path: file)
    }
    return session
  }

  /// Keeps the session for a context.
  ///
  /// - Parameters:
  ///   - context: The context's name.
  ///   - home: The home.
  /// - Throws: `fileUnwritable`, `nameUnlawful`.
  func write(of context: String, in home: Home) throws {
    try PrivateFile.write(Array(try JSONEncoder().encode(self)), to: home.sessionFile(context))
  }
}
