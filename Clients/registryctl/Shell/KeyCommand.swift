internal import ArgumentParser
internal import Foundation
internal import RegistryClient

/// `registryctl key`: the keys that sign, in files of mode 0600.
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "The SM2 keys that sign, in files that only their owner may read.",
    subcommands: [New.self, List.self, ShowKey.self]
  )

  /// `registryctl key new`.
  struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a key; one that exists is never overwritten."
    )
    @Argument(help: "Its name.") var name: String
    @Option(
      help: .init(
        "The file whose first line encrypts the key: 8 to 1,024 bytes.",
        valueName: "path"
      )
    )
    var passphraseFile: String?
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      let file = try shell.place.keyFile(name)
      try PrivateFile.makeFolder(ofFile: file)
      let key = AccountKey()
      try key.write(to: file, passphrase: Settings.passphrase(in: passphraseFile))
      shell.show.fact(
        "Key \(name) lies in \(file).\nFingerprint (SM3): \(key.fingerprint)",
        ["key": name, "file": file, "fingerprint": key.fingerprint]
      )
    }
  }

  /// `registryctl key list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the keys by name.")
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      let home = shell.place
      let files = (try? FileManager.default.contentsOfDirectory(atPath: home.keysFolder)) ?? []
      let names = files.filter { $0.hasSuffix(".pem") }.map { String($0.dropLast(4)) }.sorted()
      shell.show.table(
        Table(headings: ["KEY", "FILE"], rows: try names.map { [$0, try home.keyFile($0)] }),
        none: "No keys. Make one: registryctl key new NAME"
      )
    }
  }

  /// `registryctl key show`.
  struct ShowKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Shows the public half of a key."
    )
    @Argument(help: "Its name, or a file with a slash.") var name: String
    @Option(help: .init("The file whose first line opens the key.", valueName: "path"))
    var passphraseFile: String?
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      var connection = try ConnectionFlags.parse([])
      connection.home = shell.place.path
      let key = try connection.settings().accountKey(name, passphraseFile: passphraseFile)
      let publicKey = key.publicKey.base64EncodedString()
      shell.show.fact(
        "Fingerprint (SM3): \(key.fingerprint)\nPublic key (DER, Base64): \(publicKey)",
        ["key": name, "fingerprint": key.fingerprint, "public_key": publicKey]
      )
    }
  }
}

/// The flags of commands that sign.
struct SignerFlags: ParsableArguments {
  @Option(help: "The key that signs: its name, or a file with a slash; the context's if not given.")
  var key: String?
  @Option(help: .init("The file whose first line opens the key.", valueName: "path"))
  var passphraseFile: String?
  @Flag(help: "For programs: the reply as JSON, failures as JSON on standard error.")
  var json = false
  @OptionGroup var connection: ConnectionFlags

  /// The settings with the key.
  ///
  /// - Returns: Where to call, and what signs.
  /// - Throws: What resolving the flags and reading the key throws.
  func resolved() throws -> (settings: Settings, key: AccountKey) {
    let settings = try connection.settings()
    return (settings, try settings.accountKey(key, passphraseFile: passphraseFile))
  }
}
