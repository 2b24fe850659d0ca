internal import Foundation

/// Where the shell keeps contexts, keys and sessions; all of it for its owner only.
struct Home: Equatable, Sendable {
  /// The folder.
  let path: String

  /// The folder that the user named, or the usual one.
  ///
  /// - Parameters:
  ///   - given: By `--home`.
  ///   - environment: `REGISTRYCTL_HOME`, else `XDG_CONFIG_HOME`, else `HOME`.
  init(_ given: String?, environment: [String: String]) {
    if let named = given ?? environment["REGISTRYCTL_HOME"], !named.isEmpty {
      path = named
    } else if let config = environment["XDG_CONFIG_HOME"], !config.isEmpty {
      path = config + "/registryctl"
    } else {
      path = (environment["HOME"] ?? NSHomeDirectory()) + "/.config/registryctl"
    }
  }

  /// The file that holds the contexts.
  var contextsFile: String { path + "/contexts.json" }
  /// The handwriting that signs when none is given.
  var strokesFile: String { path + "/strokes.json" }
  /// The folder of the keys.
  var keysFolder: String { path + "/keys" }

  /// The file of a key.
  ///
  /// - Parameter name: Its name.
  /// - Returns: The path.
  /// - Throws: `nameUnlawful`.
  func keyFile(_ name: String) throws(ShellError) -> String {
    keysFolder + "/" + (try Self.checked(name)) + ".pem"
  }

  /// The file of a context's session.
  ///
  /// - Parameter context: The context's name.
  /// - Returns: The path.
  /// - Throws: `nameUnlawful`.
  func sessionFile(_ context: String) throws(ShellError) -> String {
    path + "/sessions/" + (try Self.checked(context)) + ".json"
  }

  /// The file of a request whose outcome is in doubt.
  func pendingFile(_ requestID: String) -> String { path + "/pending/\(requestID).json" }

  /// A name that is safe as a file's.
  ///
  /// - Parameter name: What the user gave.
  /// - Returns: The same.
  /// - Throws: `nameUnlawful`.
  static func checked(_ name: String) throws(ShellError) -> String {
    let isLawful =
      (1...64).contains(name.count) && !name.hasPrefix(".") && !name.hasPrefix("-")
      && name.allSatisfy { $0.isLetter || $0.isNumber || ".-_".contains($0) }
    guard isLawful else { throw .nameUnlawful(name) }
    return name
  }
}
