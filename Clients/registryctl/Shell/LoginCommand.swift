internal import ArgumentParser
internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// `registryctl login`: a session by a signed challenge.
struct LoginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login",
    abstract: "Logs in by signing a challenge; the session is kept for the context.",
    discussion: """
      Without a context the token is shown, to go into REGISTRYCTL_TOKEN.
      """
  )
  @Option(help: "Format: accounts/{account}; the context's if not given.") var account: String?
  @OptionGroup var signer: SignerFlags

  mutating func run() async throws {
    let (settings, key) = try signer.resolved()
    let account = try settings.account(account)
    let session = try await settings.withoutToken.withClient { client in
      try await client.logIn(as: account, key: key)
    }
    if let name = settings.contextName {
      let stored = StoredSession(
        token: session.token,
        account: session.account,
        expireTime: session.expireTime.text,
        endpoint: settings.context.endpoint
      )
      try stored.write(of: name, in: settings.home)
    }
    if signer.json {
      try Show(json: true).message(session)
    } else {
      let until = ShanghaiTime.text(session.expireTime.text) ?? ""
      Show.line("Logged in as \(session.account) until \(until).")
      if settings.contextName == nil { Show.line("REGISTRYCTL_TOKEN=\(session.token)") }
    }
  }
}

/// `registryctl logout`: ends the session.
struct LogoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout",
    abstract: "Ends the session on the server and forgets it."
  )
  @Flag(help: "For programs: JSON.") var json = false
  @OptionGroup var connection: ConnectionFlags

  mutating func run() async throws {
    let settings = try connection.settings()
    guard settings.token != nil else { throw ShellError.notLoggedIn }
    // Forgotten even where the server cannot be told.
    defer { if let name = settings.contextName { forget(name, settings.home) } }
    try await settings.withClient { client in try await client.logOut() }
    Show(json: json).fact("Logged out.", ["session": "ended"])
  }

  private func forget(_ context: String, _ home: Home) {
    if let file = try? home.sessionFile(context) { unlink(file) }
  }
}
