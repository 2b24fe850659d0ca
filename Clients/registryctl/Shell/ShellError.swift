/// What goes wrong on this side of the connection.
enum ShellError: Error, Equatable {
  /// The command line asks for something that cannot be done; usage is shown.
  case usage(String)
  /// No endpoint is known.
  case noEndpoint
  case unknownContext(String)
  case contextExists(String)
  case nameUnlawful(String)
  case unknownKey(String)
  case noKey
  case noAccount
  case notLoggedIn
  case fileUnreadable(path: String, reason: String)
  case fileUnwritable(path: String, reason: String)
  /// A file of the shell's own holds something else.
  case fileMalformed(path: String)
  case notConfirmed
  /// What the server sent is not what it says it is.
  case untrue(String)

  /// What happened and what to do.
  var message: String {
    switch self {
    case .usage(let message): message
    case .noEndpoint:
      "No registry to call. Add one by registryctl context add NAME --endpoint HOST:PORT "
        + "--trust PEM, or give --endpoint and --trust."
    case .unknownContext(let name): "There is no context \(name). See: registryctl context list."
    case .contextExists(let name):
      "There is a context \(name) already. Remove it first, or give --replace."
    case .nameUnlawful(let name):
      "\(name) is no name: 1 to 64 letters, digits, points, dashes and underscores, the first no "
        + "point and no dash."
    case .unknownKey(let name): "There is no key \(name). See: registryctl key list."
    case .noKey: "No key to sign with. Give --key, or make one: registryctl key new NAME."
    case .noAccount: "No account to act for. Give --account, or register one: registryctl register."
    case .notLoggedIn: "There is no session. Log in: registryctl login."
    case .fileUnreadable(let path, let reason): "Cannot read \(path): \(reason)."
    case .fileUnwritable(let path, let reason): "Cannot write \(path): \(reason)."
    case .fileMalformed(let path): "\(path) is not what it should be. Move it away and try again."
    case .notConfirmed: "Nothing was signed. Give --yes to sign without being asked."
    case .untrue(let message): message
    }
  }

  /// The reason for programs.
  var reason: String {
    switch self {
    case .usage: "SHELL_USAGE"
    case .noEndpoint: "SHELL_NO_ENDPOINT"
    case .unknownContext: "SHELL_CONTEXT_UNKNOWN"
    case .contextExists: "SHELL_CONTEXT_EXISTS"
    case .nameUnlawful: "SHELL_NAME_UNLAWFUL"
    case .unknownKey: "SHELL_KEY_UNKNOWN"
    case .noKey: "SHELL_KEY_MISSING"
    case .noAccount: "SHELL_ACCOUNT_MISSING"
    case .notLoggedIn: "SHELL_SESSION_MISSING"
    case .fileUnreadable: "SHELL_FILE_UNREADABLE"
    case .fileUnwritable: "SHELL_FILE_UNWRITABLE"
    case .fileMalformed: "SHELL_FILE_MALFORMED"
    case .notConfirmed: "SHELL_NOT_CONFIRMED"
    case .untrue: "SHELL_REPLY_UNTRUE"
    }
  }

  /// The class of the failure.
  var exitCode: ExitClass {
    switch self {
    case .usage, .nameUnlawful: .usage
    case .noEndpoint, .unknownContext, .contextExists, .unknownKey, .noKey, .noAccount,
      .fileUnreadable, .fileUnwritable, .fileMalformed, .notConfirmed:
      .local
    case .notLoggedIn: .permission
    case .untrue: .internal
    }
  }
}
