internal import ArgumentParser
internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// `registryctl register`: an account for a person or an organization, with the key of its holder.
struct RegisterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Registers an account with the key of its holder, and signs the statement for it.",
    discussion: """
      A person:        --full-name 张三 --identity-number … --mobile-number …
      An organization: --enterprise-name … --credit-code …
      The account is kept in the context. Then: registryctl login; registryctl sign-agreement.
      """
  )
  @Option(help: "A person's name.") var fullName: String?
  @Option(help: "The resident identity number, 18 characters.") var identityNumber: String?
  @Option(help: "A mainland mobile number, 11 digits.") var mobileNumber: String?
  @Option(help: "An organization's registered name.") var enterpriseName: String?
  @Option(help: "The unified social credit code, 18 characters.") var creditCode: String?
  @Flag(help: "The organization is no enterprise with legal personality (其他组织).")
  var otherOrganization = false
  @OptionGroup var signer: SignerFlags

  mutating func run() async throws {
    let holder = try holder()
    let (settings, key) = try signer.resolved()
    var account = Liaoning_Registry_V1_Account()
    account.holder = holder
    if holder.organization.creditCode.isEmpty {
      account.category = .naturalPerson
    } else {
      account.category = otherOrganization ? .otherOrganization : .enterpriseLegalPerson
    }
    let request = try Liaoning_Registry_V1_CreateAccountRequest.signed(account, key: key)
    let registered = try await Pending.keeping(request, in: settings.home) {
      try await settings.withoutToken.withClient { client in
        try await client.accounts.createAccount(request)
      }
    }
    if let name = settings.contextName {
      let keyName = signer.key.map { key in
        key.contains("/") ? URL(fileURLWithPath: key).standardizedFileURL.path : key
      }
      try Contexts.update(of: settings.home) { contexts in
        contexts.contexts[name]?.account = registered.name
        if let keyName { contexts.contexts[name]?.key = keyName }
      }
    }
    try Show(json: signer.json).message(registered)
  }

  /// The holder by the flags.
  ///
  /// - Returns: A person or an organization, whole.
  /// - Throws: `UsageFailure`.
  func holder() throws -> Liaoning_Registry_V1_Party {
    switch (fullName, identityNumber, enterpriseName, creditCode) {
    case (let fullName?, let number?, nil, nil):
      guard !otherOrganization else {
        throw UsageFailure("--other-organization is for organizations.", in: Self.self)
      }
      return .with {
        $0.person.fullName = fullName
        $0.person.identityNumber = number
        $0.person.mobileNumber = mobileNumber ?? ""
      }
    case (nil, nil, let name?, let code?):
      return .with {
        $0.organization.enterpriseName = name
        $0.organization.creditCode = code
      }
    default:
      throw UsageFailure(
        "Give --full-name and --identity-number, or --enterprise-name and --credit-code.",
        in: Self.self
      )
    }
  }
}

/// Requests that carry a signature: it cannot be made again, so a repeat needs the request itself.
enum Pending {
  /// Keeps a request while its outcome is in doubt.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - home: Where it is kept.
  ///   - call: Makes the call.
  /// - Returns: What the call returns.
  /// - Throws: What the call throws; then the request lies in a file if the call may be repeated.
  static func keeping<Reply>(
    _ request: some SwiftProtobuf.Message & IdempotentRequest,
    in home: Home,
    _ call: () async throws -> Reply
  ) async throws -> Reply {
    do {
      return try await call()
    } catch let failure as RegistryFailure where failure.isInDoubt {
      let file = home.pendingFile(request.requestID)
      try PrivateFile.write(Array(try Show.json(of: request).utf8), to: file)
      Show.remark("Nobody knows whether it was done. The request lies in \(file):")
      Show.remark("repeat it by the service's command with --request @\(file).")
      throw failure
    }
  }
}
