internal import ArgumentParser
internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// `registryctl sign-agreement`: reads the handling agreement and signs it.
struct SignAgreementCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign-agreement",
    abstract: "Shows the handling agreement (全程电子化登记办理协议) in force and signs it.",
    discussion: """
      Every filing needs it. The text goes to standard error, so that the reply stands alone.
      """
  )
  @Option(help: "Format: accounts/{account}; the context's if not given.") var account: String?
  @Flag(help: "Signs without being asked.") var yes = false
  @OptionGroup var signer: SignerFlags

  mutating func run() async throws {
    let (settings, key) = try signer.resolved()
    let account = try settings.account(account)
    let isAgreed = yes
    let signed = try await settings.withClient { client in
      let agreement = try await client.accounts.getAgreement(
        .with { $0.name = "agreements/current" }
      )
      let request = try Liaoning_Registry_V1_SignAgreementRequest.signed(
        agreement,
        account: account,
        key: key
      )
      Show.remark(PeopleText.clean(agreement.text))
      try Confirmation.ask("Sign \(agreement.name) as \(account)?", isGiven: isAgreed)
      return try await Pending.keeping(request, in: settings.home) {
        try await client.accounts.signAgreement(request)
      }
    }
    try Show(json: signer.json).message(signed)
  }
}

/// Asks before something is signed.
enum Confirmation {
  /// Asks on the terminal.
  ///
  /// - Parameters:
  ///   - question: What is to be done.
  ///   - isGiven: The answer was given by a flag.
  /// - Throws: `notConfirmed` unless the answer is yes; without a terminal there is none.
  static func ask(_ question: String, isGiven: Bool) throws(ShellError) {
    guard !isGiven else { return }
    guard isatty(STDIN_FILENO) == 1 else { throw .notConfirmed }
    FileHandle.standardError.write(Data("\(question) [yes/no] ".utf8))
    guard readLine() == "yes" else { throw .notConfirmed }
  }
}
