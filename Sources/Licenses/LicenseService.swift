package import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
package import GRPCCore
internal import Identity
internal import Postgres
package import RegistryAPI
package import Rendering
internal import ShangMi
internal import Vocabulary

/// The RPCs of licences.
package struct LicenseService: Liaoning_Registry_V1_LicenseService.SimpleServiceProtocol {
  private let surroundings: Surroundings
  private let verifier: LicenseVerifier
  private let renderer: PDFRenderer

  /// The service.
  ///
  /// - Parameters:
  ///   - surroundings: Database, time, ids.
  ///   - signer: The registry's keys, by which licences are told from forgeries.
  ///   - renderer: Draws what is printed.
  package init(
    _ surroundings: Surroundings,
    signer: LicenseSigner,
    renderer: PDFRenderer
  ) {
    self.surroundings = surroundings
    self.renderer = renderer
    verifier = LicenseVerifier(signer: signer)
  }

  package func getLicense(
    request: Liaoning_Registry_V1_GetLicenseRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_License {
    let caller = try Caller(context)
    guard let code = UnifiedSocialCreditCode(licenseName: request.name) else {
      throw LicenseError.notFound(request.name)
    }
    return try await surroundings.database.withTransaction { transaction in
      try await license(of: code, for: caller, in: transaction).proto()
    }
  }

  package func verifyLicense(
    request: Liaoning_Registry_V1_VerifyLicenseRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_VerifyLicenseResponse {
    let caller = try Caller(context)
    let verification = try VerificationRequest(request)
    let grant = try VerificationGrant(caller, for: verification.purpose)
    let finding =
      switch verification.subject {
      case .code(let code): try await finding(on: code)
      case .file(let presented): try await finding(on: presented)
      }
    return finding.response(under: grant, at: surroundings.instant)
  }

  package func downloadLicense(
    request: Liaoning_Registry_V1_DownloadLicenseRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_DownloadLicenseResponse {
    let account = try Caller(context).requireAccount()
    let download = try DownloadRequest(request)
    let now = surroundings.instant
    let license = try await licenseToDownload(download, by: account, at: now)
    let content = try await license.content(as: download.form, by: renderer)
    let copy = LicenseCopy(
      id: surroundings.newID(in: license.id.region),
      license: license,
      form: download.form,
      account: account.id,
      requestID: download.requestID.uuid,
      contentSM3: SM3.digest(content),
      createTime: now
    )
    // The log remembers the reply without its bytes, which can be made again.
    var reply = try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now)
        .once(download.requestID, by: account.name, for: request) {
          try await record(copy, for: account, in: transaction)
          return copy.reply
        }
    }
    guard reply.contentSm3 == copy.reply.contentSm3 else {
      throw LicenseError.renditionChanged(license.name)
    }
    reply.content = Data(content)
    return reply
  }
}

// MARK: Whose licence

extension LicenseService {
  /// The current licence, if the caller is staff or its holder.
  ///
  /// - Throws: `LicenseError.notFound`, `IdentityError`.
  private func license(
    of code: UnifiedSocialCreditCode,
    for caller: Caller,
    in transaction: Transaction
  ) async throws -> License {
    switch caller {
    case .staff: break
    case .anonymous, .partner, .account:
      try await requireHolder(of: code, try caller.requireAccount(), in: transaction)
    }
    guard let license = try await LicenseStore(transaction).currentLicense(of: code) else {
      throw LicenseError.notFound(License.name(of: code))
    }
    return license
  }

  /// Whoever holds a licence is the entity's legal representative or operator now, by an account whose
  /// identity was verified.
  ///
  /// - Throws: `LicenseError.notFound`.
  private func requireHolder(
    of code: UnifiedSocialCreditCode,
    _ caller: AccountCaller,
    in transaction: Transaction
  ) async throws {
    guard
      let account = try await AccountDirectory(transaction).account(caller.id),
      account.verification == .verified,
      let person = account.holder.person,
      let holder = try await EntityRegister(transaction).statutorySignatory(of: code),
      holder.isSamePerson(as: person)
    else { throw LicenseError.notFound(License.name(of: code)) }
  }

  /// The licence to be downloaded: the current one, or for a repeat the one downloaded first.
  ///
  /// - Throws: `LicenseError.notFound`.
  private func licenseToDownload(
    _ download: DownloadRequest,
    by caller: AccountCaller,
    at instant: Date
  ) async throws -> License {
    try await surroundings.database.withTransaction { transaction in
      let current = try await license(of: download.code, for: .account(caller), in: transaction)
      let first = try await LicenseStore(transaction).downloadedLicense(
        by: caller.id,
        request: download.requestID.uuid,
        since: instant.addingTimeInterval(-86_400)
      )
      return first?.creditCode == download.code ? first ?? current : current
    }
  }

  /// Writes a download and its event, if the licence is still the caller's and the current one.
  ///
  /// - Throws: `LicenseError.notFound`, `stale`.
  private func record(
    _ copy: LicenseCopy,
    for caller: AccountCaller,
    in transaction: Transaction
  ) async throws {
    let code = copy.license.creditCode
    let current = try await license(of: code, for: .account(caller), in: transaction)
    guard current.id == copy.license.id else { throw LicenseError.stale(current.name) }
    try await LicenseStore(transaction).insert(copy)
    try await copy.trace(in: transaction, eventID: surroundings.newUUID())
  }
}

// MARK: What is found

extension LicenseService {
  /// What is found of the current licence under a code: one indexed read.
  ///
  /// - Throws: `LicenseError.notFound`.
  private func finding(on code: UnifiedSocialCreditCode) async throws -> LicenseFinding {
    let rows = try await surroundings.database.query(LicenseStore.current(of: code))
    guard let row = rows.first else { throw LicenseError.notFound(License.name(of: code)) }
    let stored = try LicenseStore.storedLicense(row)
    guard let content = await verifier.content(of: stored, code.description) else {
      return LicenseFinding(status: stored.status, face: nil, verified: .failure(.registerFaulty))
    }
    return LicenseFinding(
      status: stored.status,
      face: content.face,
      verified: .success(.init(number: stored.number, isCurrent: true))
    )
  }

  /// What is found of a file: its signature, and in one indexed read the version that it says it is
  /// and the current one.
  ///
  /// - Throws: `LicenseError.notFound`.
  private func finding(
    on presented: VerificationRequest.PresentedFile
  ) async throws -> LicenseFinding {
    let number = presented.content.version
    let rows = try await surroundings.database.query(
      LicenseStore.current(of: presented.code, besideVersion: number)
    )
    let stored = try rows.first.map(LicenseStore.storedLicenses)
    let flaw = await verifier.flaw(of: presented.file, besides: stored?.claimed)
    guard let (stored, claimed) = stored else {
      throw LicenseError.notFound(License.name(of: presented.code))
    }
    let face = await verifier.content(of: stored, presented.code.description)?.face
    let verified: Result<LicenseFinding.Version, LicenseVerifier.Flaw>
    if let flaw {
      verified = .failure(flaw)
    } else if claimed?.file?.content == presented.file.content {
      let isCurrent = number == stored.number
      verified =
        isCurrent && face == nil
        ? .failure(.registerFaulty) : .success(.init(number: number, isCurrent: isCurrent))
    } else {
      verified = .failure(.notInRegister)
    }
    return LicenseFinding(status: stored.status, face: face, verified: verified)
  }
}
