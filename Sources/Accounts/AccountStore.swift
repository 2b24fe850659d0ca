internal import APIConventions
internal import Foundation
internal import Postgres
internal import ShangMi
internal import Vocabulary

/// The SQL of accounts, their keys and the agreement.
struct AccountStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  // MARK: Accounts

  /// The account with its live key; `locking` keeps its row until the transaction ends.
  func account(_ id: RegionalID, locking: Bool = false) async throws -> Account? {
    let statement: SQL = locking ? "\(Self.selecting(id)) FOR UPDATE OF a" : Self.selecting(id)
    return try await transaction.queryOne(statement).map(Self.account)
  }

  /// The live account of a holder: of all that were made for it, the one not refused.
  func liveAccount(ofPerson isPerson: Bool, code: String) async throws -> Account? {
    try await transaction.queryOne(
      """
      \(Self.selection)
      WHERE a.region_code = \(AccountRules.accountRegion) AND a.holder_code = \(code)
        AND (a.category = 'natural_person') = \(isPerson) AND a.verification <> 'refused'
      """
    ).map(Self.account)
  }

  /// The accounts by which persons act: each person's own, and those of the organizations that the
  /// person represents.
  static func accounts(ofPeople numbers: [String]) -> Query<[String: Set<RegionalID>]> {
    Query(
      """
      SELECT CASE WHEN a.category = 'natural_person' THEN a.holder_code
          ELSE a.legal_representative_number END,
        a.region_code, a.account_id
      FROM accounts.account a
      WHERE CASE WHEN a.category = 'natural_person' THEN a.holder_code
          ELSE a.legal_representative_number END = ANY (\(numbers)::text[])
      """
    ) { rows in
      var accounts: [String: Set<RegionalID>] = [:]
      for row in rows {
        let (number, code, uuid) = try row.decode(String.self, Int32.self, UUID.self)
        guard let region = RegionCode(rawValue: code) else { throw UnreadableRow("account") }
        accounts[number, default: []].insert(RegionalID(region: region, uuid: uuid))
      }
      return accounts
    }
  }

  /// Writes a new account with its key.
  ///
  /// - Throws: `AccountError.exists` if its holder has a live one.
  func insert(_ account: Account) async throws {
    let key = account.publicKey
    try await refusingSecondAccount {
      try await transaction.run([
        """
        INSERT INTO accounts.account (region_code, account_id, category, holder_name, holder_code,
          mobile_number, verification, verification_mode, verification_code, verify_time,
          legal_representative_name, legal_representative_number, create_time, version)
        VALUES (\(account.id.region.rawValue), \(account.id.uuid), \(account.category.rawValue),
          \(account.holder.displayName), \(account.holder.code),
          \(account.holder.person?.mobileNumber?.description),
          \(account.verification.rawValue), \(account.comparison.mode.rawValue),
          \(account.comparison.code), \(account.comparison.time),
          \(account.legalRepresentative?.fullName),
          \(account.legalRepresentative?.identityNumber.description),
          \(account.createTime), \(account.version))
        """,
        """
        INSERT INTO accounts.signing_key (region_code, account_id, key_sm3, public_key, algorithm,
          create_time)
        VALUES (\(account.id.region.rawValue), \(account.id.uuid), \(key.fingerprint.bytes),
          \(key.der), \(key.algorithm.rawValue), \(account.createTime))
        """,
      ])
    }
  }

  /// Writes an account's next version; its row is locked, so that none is lost.
  ///
  /// - Throws: `AccountError.exists` if it becomes live and its holder has another live one.
  func save(_ account: Account) async throws {
    try await refusingSecondAccount {
      try await transaction.execute(
        """
        UPDATE accounts.account
        SET verification = \(account.verification.rawValue),
            verification_mode = \(account.comparison.mode.rawValue),
            verification_code = \(account.comparison.code),
            verify_time = \(account.comparison.time),
            legal_representative_name = \(account.legalRepresentative?.fullName),
            legal_representative_number = \(account.legalRepresentative?.identityNumber.description),
            agreement_version = \(account.agreementVersion),
            agreement_sign_time = \(account.agreementSignTime),
            version = \(account.version)
        WHERE region_code = \(account.id.region.rawValue) AND account_id = \(account.id.uuid)
        """
      )
    }
  }

  private func refusingSecondAccount<Result>(
    _ write: () async throws -> Result
  ) async throws {
    do {
      _ = try await write()
    } catch let error as PostgresError
      where error.constraintName == "one_live_account_a_holder"
    {
      throw AccountError.exists
    }
  }

  // MARK: The agreement

  /// The agreement in force at an instant.
  func currentAgreement(at instant: Date) async throws -> Agreement? {
    try await transaction.queryOne(Self.currentAgreement(at: instant)).map(Self.agreement)
  }

  /// The version in force at an instant.
  func currentAgreementVersion(at instant: Date) async throws -> Int32? {
    try await transaction.queryOne(
      """
      SELECT agreement_version
      FROM accounts.agreement
      WHERE effective_time <= \(instant)
      ORDER BY effective_time DESC
      LIMIT 1
      """
    ).map { try $0.decode(Int32.self, at: 0) }
  }

  /// Keeps the proof that an account has signed an agreement.
  func insert(_ proof: AgreementProof, for account: Account) async throws {
    try await transaction.execute(
      """
      INSERT INTO accounts.agreement_signature (region_code, account_id, agreement_version,
        statement, algorithm, distinguishing_identifier, signature, public_key, sign_time)
      VALUES (\(account.id.region.rawValue), \(account.id.uuid), \(proof.agreement),
        \(proof.statement), \(proof.signature.algorithm.rawValue),
        \(proof.signature.distinguishingIdentifier), \(proof.signature.value),
        \(proof.signature.publicKey.der), \(account.agreementSignTime))
      """
    )
  }
}

// MARK: Reading

extension AccountStore {
  static func currentAgreement(at instant: Date) -> SQL {
    """
    SELECT agreement_version, agreement_text, text_sm3, effective_time
    FROM accounts.agreement
    WHERE effective_time <= \(instant)
    ORDER BY effective_time DESC
    LIMIT 1
    """
  }

  static func agreement(version: Int32) -> SQL {
    """
    SELECT agreement_version, agreement_text, text_sm3, effective_time
    FROM accounts.agreement
    WHERE agreement_version = \(version)
    """
  }

  static func agreement(_ row: Row) throws -> Agreement {
    let (version, text, digest, effectiveTime) = try row.decode(
      Int32.self,
      String.self,
      [UInt8].self,
      Date.self
    )
    guard let textSM3 = SM3Digest(bytes: digest) else { throw UnreadableRow("agreement") }
    return Agreement(
      version: version,
      text: text,
      textSM3: textSM3,
      effectiveTime: effectiveTime
    )
  }

  static func selecting(_ id: RegionalID) -> SQL {
    """
    \(selection)
    WHERE a.region_code = \(id.region.rawValue) AND a.account_id = \(id.uuid)
    """
  }

  private static let selection: SQL = """
    SELECT a.region_code, a.account_id, a.category::text, a.holder_name, a.holder_code,
      a.mobile_number, a.verification::text, a.verification_mode::text, a.verification_code,
      a.verify_time, a.legal_representative_name, a.legal_representative_number,
      a.agreement_version, a.agreement_sign_time, k.public_key, a.create_time, a.version
    FROM accounts.account a
    JOIN accounts.signing_key k
      ON k.region_code = a.region_code AND k.account_id = a.account_id AND k.revoke_time IS NULL
    """

  static func account(_ row: Row) throws -> Account {
    let (
      regionCode, uuid, categoryLabel, holderName, holderCode, mobileNumber, verificationLabel,
      modeLabel, code, verifyTime, representativeName, representativeNumber, agreementVersion,
      agreementSignTime, publicKey, createTime, version
    ) = try row.decode(
      Int32.self,
      UUID.self,
      String.self,
      String.self,
      String.self,
      String?.self,
      String.self,
      String.self,
      String?.self,
      Date?.self,
      String?.self,
      String?.self,
      Int32?.self,
      Date?.self,
      [UInt8].self,
      Date.self,
      Int64.self
    )
    guard
      let region = RegionCode(rawValue: regionCode),
      let category = Account.Category(rawValue: categoryLabel),
      let verification = Account.Verification(rawValue: verificationLabel),
      let mode = IdentityVerificationMode(rawValue: modeLabel),
      let holder = PartyRecord(
        storedFor: category,
        name: holderName,
        code: holderCode,
        mobileNumber: mobileNumber
      )
    else { throw UnreadableRow("account") }
    return Account(
      id: RegionalID(region: region, uuid: uuid),
      category: category,
      holder: holder,
      comparison: Comparison(
        verification: verification,
        mode: mode,
        code: code,
        time: verifyTime,
        legalRepresentative: PersonRecord(storedName: representativeName, representativeNumber)
      ),
      agreementVersion: agreementVersion,
      agreementSignTime: agreementSignTime,
      publicKey: try VerifyingKey(der: publicKey),
      createTime: createTime,
      version: version
    )
  }
}

/// A row that does not hold what its constraints promise.
struct UnreadableRow: Error {
  let table: String

  init(_ table: String) {
    self.table = table
  }
}

/// The proof of an agreement's signature: the statement as received and the signature over it.
struct AgreementProof: Sendable {
  let agreement: Int32
  let statement: [UInt8]
  let signature: DetachedSignature
}

extension PartyRecord {
  fileprivate init?(
    storedFor category: Account.Category,
    name: String,
    code: String,
    mobileNumber: String?
  ) {
    switch category {
    case .naturalPerson:
      guard let person = PersonRecord(storedName: name, code, mobileNumber) else { return nil }
      self = .person(person)
    case .enterpriseLegalPerson, .otherOrganization:
      guard let creditCode = UnifiedSocialCreditCode(code) else { return nil }
      self = .organization(OrganizationRecord(enterpriseName: name, creditCode: creditCode))
    }
  }
}

extension PersonRecord {
  /// A person as a row keeps one; nothing where the row keeps none.
  init?(storedName name: String?, _ number: String?, _ mobileNumber: String? = nil) {
    guard let name, let number, let identityNumber = ResidentIdentityNumber(number) else {
      return nil
    }
    self.init(
      fullName: name,
      identityNumber: identityNumber,
      mobileNumber: mobileNumber.flatMap { MobileNumber($0) }
    )
  }
}
