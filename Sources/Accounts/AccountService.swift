package import APIConventions
internal import Foundation
package import GRPCCore
internal import Identity
internal import Ledger
internal import Postgres
package import RegistryAPI
internal import ShangMi
internal import Vocabulary

/// AccountService: accounts, the handling agreement, log-ins, and the restriction list.
package struct AccountService: Liaoning_Registry_V1_AccountService.SimpleServiceProtocol {
  let surroundings: Surroundings
  private let identityCheck: IdentityCheck

  /// The service.
  ///
  /// - Parameters:
  ///   - surroundings: Database, time, ids, law.
  ///   - libraries: What knows who exists.
  ///   - verification: How far those decide.
  package init(
    _ surroundings: Surroundings,
    libraries: IdentityLibraries,
    verification: IdentityVerificationMode = .enforced
  ) {
    self.surroundings = surroundings
    identityCheck = IdentityCheck(libraries, mode: verification, now: surroundings.now)
  }

  /// The time now, as the database keeps it.
  var instant: Date { surroundings.instant }

  /// Reads the agreement in force, or one of its versions.
  package func getAgreement(
    request: Liaoning_Registry_V1_GetAgreementRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Agreement {
    let statement: SQL
    if request.name == "agreements/current" {
      statement = AccountStore.currentAgreement(at: instant)
    } else if let version = Agreement.version(in: request.name) {
      statement = AccountStore.agreement(version: version)
    } else {
      throw AccountError.agreementNotFound
    }
    guard let row = try await surroundings.database.queryOne(statement) else {
      throw AccountError.agreementNotFound
    }
    return Liaoning_Registry_V1_Agreement(try AccountStore.agreement(row))
  }

  /// Registers an account and compares its holder with a library.
  package func createAccount(
    request: Liaoning_Registry_V1_CreateAccountRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Account {
    let caller = try Caller(context)
    let creation = try AccountCreation(request)
    let instant = instant
    let id = RegionalID(region: .liaoning, uuid: surroundings.newUUID())
    let comparison = await identityCheck.result(for: creation.holder, request: creation.requestID)
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        creation.requestID,
        by: caller.name,
        for: request
      ) {
        let account = creation.account(id, comparison: try comparison.get(), at: instant)
        try await AccountDirectory(transaction).requireUnrestricted(
          account.people.map(\.identityNumber),
          from: [.onlineFiling],
          at: instant
        )
        try await AccountStore(transaction).insert(account)
        try await append(.accountCreated, account, by: account.name, at: instant, to: transaction)
        return Liaoning_Registry_V1_Account(account, masked: false)
      }
    }
  }

  /// Reads an account.
  package func getAccount(
    request: Liaoning_Registry_V1_GetAccountRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Account {
    let id = RegionalID(resourceName: request.name, collection: "accounts")
    let isOwn: Bool
    switch try Caller(context) {
    case .account(let account):
      guard account.id == id else { throw AccountError.notFound }
      isOwn = true
    case .staff: isOwn = false
    case .anonymous, .partner: throw IdentityError.unauthenticated
    }
    guard let id else { throw AccountError.notFound }
    guard let row = try await surroundings.database.queryOne(AccountStore.selecting(id)) else {
      throw AccountError.notFound
    }
    return Liaoning_Registry_V1_Account(try AccountStore.account(row), masked: !isOwn)
  }

  /// Compares an account's holder with a library once more.
  package func verifyAccount(
    request: Liaoning_Registry_V1_VerifyAccountRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Account {
    let caller = try Caller(context).requireAccount()
    let requestID = try RequestID(request.requestID)
    let instant = instant
    guard RegionalID(resourceName: request.name, collection: "accounts") == caller.id else {
      throw AccountError.notFound
    }
    guard let row = try await surroundings.database.queryOne(AccountStore.selecting(caller.id))
    else { throw AccountError.notFound }
    let holder = try AccountStore.account(row).holder
    let comparison = await identityCheck.result(for: holder, request: requestID)
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        requestID,
        by: caller.name,
        for: request
      ) {
        let comparison = try comparison.get()
        // An account is never worse off because the library had no answer.
        guard comparison.verification != .pending else { throw AccountError.sourceUnavailable }
        let store = AccountStore(transaction)
        guard let account = try await store.account(caller.id, locking: true) else {
          throw AccountError.notFound
        }
        let compared = account.compared(comparison)
        try await store.save(compared)
        try await append(.accountCompared, compared, by: caller.name, at: instant, to: transaction)
        return Liaoning_Registry_V1_Account(compared, masked: false)
      }
    }
  }

  /// Signs the agreement in force.
  package func signAgreement(
    request: Liaoning_Registry_V1_SignAgreementRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Account {
    let caller = try Caller(context).requireAccount()
    let signing = try AgreementSigning(request)
    let instant = instant
    guard signing.account == caller.id else { throw AccountError.notFound }
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        signing.requestID,
        by: caller.name,
        for: request
      ) {
        let store = AccountStore(transaction)
        guard let account = try await store.account(caller.id, locking: true) else {
          throw AccountError.notFound
        }
        guard let current = try await store.currentAgreement(at: instant) else {
          throw AccountError.agreementNotFound
        }
        let proof = try signing.proof(of: current, by: account.publicKey)
        let agreed = account.agreed(to: proof.agreement, at: instant)
        if agreed.version != account.version {
          try await store.save(agreed)
          try await store.insert(proof, for: agreed)
          try await append(.accountAgreed, agreed, by: caller.name, at: instant, to: transaction)
        }
        return Liaoning_Registry_V1_Account(agreed, masked: false)
      }
    }
  }

  private func append(
    _ kind: EventKind,
    _ account: Account,
    by actor: String,
    at instant: Date,
    to transaction: Transaction
  ) async throws {
    let event = LedgerEvent(
      kind,
      of: account.id,
      named: account.name,
      version: account.version,
      by: actor,
      at: instant,
      details: [
        "category": account.category.rawValue,
        "verification": account.verification.rawValue,
        "verification_code": account.comparison.code ?? "",
        "verification_mode": account.comparison.mode.rawValue,
        "agreement": account.agreementVersion.map(Agreement.name(of:)) ?? "",
        "key_sm3": account.publicKey.fingerprint.hexadecimal,
      ]
    )
    try await Ledger(transaction).append(
      event,
      state: Liaoning_Registry_V1_Account(account, masked: false),
      id: surroundings.newUUID()
    )
  }
}
