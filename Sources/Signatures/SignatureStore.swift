internal import APIConventions
internal import Accounts
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

/// The SQL of schema `signatures`.
struct SignatureStore {
  private let transaction: Transaction

  /// The tables, in an open transaction.
  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Writes a new task.
  func insert(_ task: SignatureTask) async throws {
    let party: [UInt8] = try task.party.proto(masked: false).serializedBytes()
    try await transaction.execute(
      """
      INSERT INTO signatures.task (region_code, task_id, filing_id, applicant_region, applicant_id,
        document_kind, document_title, document_sm3, party, party_code, is_organization,
        signatory_name, signatory_number, roles, state, create_time, expire_time, version)
      VALUES (\(task.id.region.rawValue), \(task.id.uuid), \(task.filing.uuid),
        \(task.applicant.region.rawValue), \(task.applicant.uuid),
        \(task.document.kind.rawValue)::signatures.document_kind, \(task.document.title),
        \(task.document.pdfSM3.bytes), \(party), \(task.party.code),
        \(task.party.organization != nil), \(task.signatory?.fullName),
        \(task.signatory?.identityNumber.description),
        \(task.roles.map(\.rawValue))::text[]::signatures.signer_role[],
        \(task.state.rawValue)::signatures.task_state, \(task.createTime), \(task.expireTime),
        \(task.version))
      """
    )
  }

  /// Writes where a task stands, unless someone else has written since `version` was read.
  ///
  /// - Throws: `SignatureError.stale`.
  func save(_ task: SignatureTask, expecting version: Int64) async throws {
    let updated = try await transaction.execute(
      """
      UPDATE signatures.task
      SET state = \(task.state.rawValue)::signatures.task_state,
          signatory_name = \(task.signatory?.fullName),
          signatory_number = \(task.signatory?.identityNumber.description),
          close_time = \(task.closeTime),
          refusal_reason = \(task.refusalReason),
          signer_region = \(task.signer?.region.rawValue),
          signer_id = \(task.signer?.uuid),
          version = \(task.version)
      WHERE region_code = \(task.id.region.rawValue) AND task_id = \(task.id.uuid)
        AND version = \(version)
      """
    )
    guard updated == 1 else { throw SignatureError.stale(task.id) }
  }

  /// Writes the evidence of a signature.
  func insert(_ evidence: SignatureEvidence) async throws {
    try await transaction.execute(
      """
      INSERT INTO signatures.signature (region_code, task_id, statement, algorithm,
        distinguishing_identifier, signature_value, public_key, receive_time)
      VALUES (\(evidence.task.id.region.rawValue), \(evidence.task.id.uuid), \(evidence.statement),
        \(evidence.algorithm.rawValue), \(evidence.distinguishingIdentifier),
        \(evidence.signature), \(evidence.publicKey), \(evidence.receiveTime))
      """
    )
  }

  /// Reads a task.
  func task(_ id: RegionalID) async throws -> SignatureTask? {
    try await transaction.queryOne(
      """
      SELECT \(SignatureTask.columns)
      FROM signatures.task t
      WHERE t.region_code = \(id.region.rawValue) AND t.task_id = \(id.uuid)
      """
    ).map(SignatureTask.init(row:))
  }

  /// Reads a task and keeps others from changing it until the transaction ends.
  func lockedTask(_ id: RegionalID) async throws -> SignatureTask? {
    try await transaction.queryOne(
      """
      SELECT \(SignatureTask.columns)
      FROM signatures.task t
      WHERE t.region_code = \(id.region.rawValue) AND t.task_id = \(id.uuid)
      FOR NO KEY UPDATE
      """
    ).map(SignatureTask.init(row:))
  }

  /// The tasks of a filing that are not void, in the order of their ids, locked against change.
  func lockedTasks(of filing: RegionalID) async throws -> [SignatureTask] {
    try await transaction.query(
      """
      SELECT \(SignatureTask.columns)
      FROM signatures.task t
      WHERE t.region_code = \(filing.region.rawValue) AND t.filing_id = \(filing.uuid)
        AND t.state <> 'voided'
      ORDER BY t.task_id
      LIMIT \(SignatureTasks.taskLimit)
      FOR NO KEY UPDATE
      """
    ).map(SignatureTask.init(row:))
  }

  /// The tasks of a filing that are not void, in the order of their ids.
  func liveTasks(of filing: RegionalID) async throws -> [SignatureTask] {
    try await transaction.query(
      """
      SELECT \(SignatureTask.columns)
      FROM signatures.task t
      WHERE t.region_code = \(filing.region.rawValue) AND t.filing_id = \(filing.uuid)
        AND t.state <> 'voided'
      ORDER BY t.task_id
      LIMIT \(SignatureTasks.taskLimit)
      """
    ).map(SignatureTask.init(row:))
  }

  /// How far the signing of filings has come, by filing.
  func progress(of filings: [RegionalID]) async throws -> [UUID: SignatureProgress] {
    try await transaction.run(Self.progress(of: filings))
  }

  /// How many tasks of filings there are and are signed, and the first refusal, by filing.
  static func progress(of filings: [RegionalID]) -> Query<[UUID: SignatureProgress]> {
    Query(
      """
      SELECT t.filing_id, count(*), count(*) FILTER (WHERE t.state = 'signed'),
        (array_agg(t.refusal_reason ORDER BY t.close_time, t.task_id)
          FILTER (WHERE t.state = 'refused'))[1]
      FROM signatures.task t
      JOIN unnest(\(filings.map(\.region.rawValue)), \(filings.map(\.uuid)))
        AS asked (region_code, filing_id)
        ON asked.region_code = t.region_code AND asked.filing_id = t.filing_id
      WHERE t.state <> 'voided'
      GROUP BY t.filing_id
      """
    ) { rows in
      var progress: [UUID: SignatureProgress] = [:]
      for row in rows {
        let (filing, total, signed, refusal) = try row.decode(
          UUID.self,
          Int.self,
          Int.self,
          String?.self
        )
        progress[filing] = SignatureProgress(total: total, signed: signed, refusal: refusal)
      }
      return progress
    }
  }

  /// The papers of a filing that concern somebody: those for whose signature he, or an organization
  /// that he signs for, was asked.
  func documentKinds(of filing: RegionalID, concerning code: String) async throws -> Set<
    DocumentKind
  > {
    let rows = try await transaction.query(
      """
      SELECT DISTINCT t.document_kind::text
      FROM signatures.task t
      WHERE t.region_code = \(filing.region.rawValue) AND t.filing_id = \(filing.uuid)
        AND (t.party_code = \(code) OR t.signatory_number = \(code))
      """
    )
    return Set(try rows.map { try $0.decode(DocumentKind.self, at: 0) })
  }

  /// How many bytes the statements of a filing's signatures have that are not void.
  func evidenceSize(of filing: RegionalID) async throws -> Int {
    let row = try await transaction.queryOne(
      """
      SELECT coalesce(sum(octet_length(s.statement)), 0)::bigint
      FROM signatures.task t
      JOIN signatures.signature s ON s.region_code = t.region_code AND s.task_id = t.task_id
      WHERE t.region_code = \(filing.region.rawValue) AND t.filing_id = \(filing.uuid)
        AND t.state = 'signed'
      """
    )
    return try row?.decode(Int.self, at: 0) ?? 0
  }

  /// The evidence of a task, if it was ever signed.
  func evidence(of task: SignatureTask) async throws -> SignatureEvidence? {
    try await transaction.queryOne(
      """
      SELECT s.statement, s.algorithm, s.distinguishing_identifier, s.signature_value, s.public_key,
        s.receive_time
      FROM signatures.signature s
      WHERE s.region_code = \(task.id.region.rawValue) AND s.task_id = \(task.id.uuid)
      """
    ).map { try SignatureEvidence(task: task, row: $0) }
  }
}

// MARK: Lists

extension SignatureStore {
  /// Where a page of tasks goes on: after the task created then with that id.
  struct Position {
    /// When the last task of the page before was created.
    let createTime: Date
    /// Its id.
    let id: UUID
  }

  /// The tasks that concern somebody, oldest first.
  ///
  /// - Parameters:
  ///   - code: The identity number or credit code.
  ///   - filing: Only tasks of this filing.
  ///   - position: Where to go on.
  ///   - limit: The most tasks.
  /// - Returns: The tasks.
  /// - Throws: `PostgresError`.
  func tasks(
    concerning code: String,
    in filing: RegionalID?,
    after position: Position?,
    limit: Int
  ) async throws -> [SignatureTask] {
    try await transaction.query(
      """
      SELECT \(SignatureTask.columns)
      FROM signatures.task t
      WHERE (t.party_code = \(code) OR t.signatory_number = \(code))
        AND (\(filing?.uuid) IS NULL
          OR (t.region_code = \(filing?.region.rawValue) AND t.filing_id = \(filing?.uuid)))
        AND (\(position?.createTime) IS NULL
          OR (t.create_time, t.task_id) > (\(position?.createTime), \(position?.id)))
      ORDER BY t.create_time, t.task_id
      LIMIT \(limit)
      """
    ).map(SignatureTask.init(row:))
  }

  /// All tasks of a filing, oldest first.
  func tasks(
    of filing: RegionalID,
    after position: Position?,
    limit: Int
  ) async throws -> [SignatureTask] {
    try await transaction.query(
      """
      SELECT \(SignatureTask.columns)
      FROM signatures.task t
      WHERE t.region_code = \(filing.region.rawValue) AND t.filing_id = \(filing.uuid)
        AND (\(position?.createTime) IS NULL
          OR (t.create_time, t.task_id) > (\(position?.createTime), \(position?.id)))
      ORDER BY t.create_time, t.task_id
      LIMIT \(limit)
      """
    ).map(SignatureTask.init(row:))
  }
}

// MARK: Rows

extension SignatureTask {
  /// The columns that `init(row:)` reads, of `signatures.task t`.
  static let columns: SQL = """
    t.region_code, t.task_id, t.filing_id, t.applicant_region, t.applicant_id,
    t.document_kind::text, t.document_title, t.document_sm3, t.party, t.signatory_name,
    t.signatory_number, t.roles::text[], t.state::text, t.create_time, t.expire_time, t.close_time,
    t.refusal_reason, t.signer_region, t.signer_id, t.version
    """

  /// Reads a row of `columns`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`, or if a value is not one that was ever written.
  init(row: Row) throws {
    let id = RegionalID(
      region: try RegionCode(stored: row.decode(Int32.self, at: 0)),
      uuid: try row.decode(UUID.self, at: 1)
    )
    let applicant = RegionalID(
      region: try RegionCode(stored: row.decode(Int32.self, at: 3)),
      uuid: try row.decode(UUID.self, at: 4)
    )
    let document = DocumentKey(
      kind: try row.decode(DocumentKind.self, at: 5),
      title: try row.decode(String.self, at: 6),
      pdfSM3: try SM3Digest(stored: row.decode([UInt8].self, at: 7))
    )
    let signerRegion = try row.decode(Int32?.self, at: 17)
    let signer = try row.decode(UUID?.self, at: 18)
    self.init(
      id: id,
      filing: RegionalID(region: id.region, uuid: try row.decode(UUID.self, at: 2)),
      applicant: applicant,
      document: document,
      party: try PartyRecord(stored: row.decode([UInt8].self, at: 8)),
      signatory: try PersonRecord(
        storedName: row.decode(String?.self, at: 9),
        number: row.decode(String?.self, at: 10)
      ),
      roles: try row.decode([String].self, at: 11).compactMap(SignatureRole.init(rawValue:)),
      state: try row.decode(State.self, at: 12),
      createTime: try row.decode(Date.self, at: 13),
      expireTime: try row.decode(Date.self, at: 14),
      closeTime: try row.decode(Date?.self, at: 15),
      refusalReason: try row.decode(String?.self, at: 16),
      signer: try signerRegion.flatMap { region in
        try signer.map { RegionalID(region: try RegionCode(stored: region), uuid: $0) }
      },
      version: try row.decode(Int64.self, at: 19)
    )
  }
}

extension SignatureEvidence {
  fileprivate init(task: SignatureTask, row: Row) throws {
    let (statement, algorithm, identifier, signature, publicKey, receiveTime) = try row.decode(
      [UInt8].self,
      String.self,
      String.self,
      [UInt8].self,
      [UInt8].self,
      Date.self
    )
    guard let algorithm = SignatureAlgorithm(rawValue: algorithm) else {
      throw StoredValueUnknown()
    }
    self.init(
      task: task,
      statement: statement,
      algorithm: algorithm,
      distinguishingIdentifier: identifier,
      signature: signature,
      publicKey: publicKey,
      receiveTime: receiveTime
    )
  }
}

extension PartyRecord {
  fileprivate init(stored bytes: [UInt8]) throws {
    var violations: [Violation] = []
    let proto = try Liaoning_Registry_V1_Party(serializedBytes: bytes)
    guard let party = PartyRecord(proto, at: "party", violations: &violations) else {
      throw StoredValueUnknown()
    }
    self = party
  }
}

extension PersonRecord {
  fileprivate init?(storedName name: String?, number: String?) throws {
    guard let name, let number else { return nil }
    guard let identityNumber = ResidentIdentityNumber(number) else { throw StoredValueUnknown() }
    self.init(fullName: name, identityNumber: identityNumber)
  }
}

extension RegionCode {
  fileprivate init(stored code: Int32) throws {
    guard let region = RegionCode(rawValue: code) else { throw StoredValueUnknown() }
    self = region
  }
}

extension SM3Digest {
  fileprivate init(stored bytes: [UInt8]) throws {
    guard let digest = SM3Digest(bytes: bytes) else { throw StoredValueUnknown() }
    self = digest
  }
}

/// A row holds a value that this program never wrote.
struct StoredValueUnknown: Error {}

extension DocumentKind: PostgresDecodable {}
extension SignatureTask.State: PostgresDecodable {}
