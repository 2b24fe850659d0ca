internal import APIConventions
internal import Foundation
internal import Postgres
internal import Vocabulary

/// The SQL of the library: names that stand in the way, and the keys that find them.
struct NameLibraryStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// A name as it is kept.
  struct Record: Hashable, Sendable {
    let libraryID: String
    let enterpriseName: String
    let division: String
    let compared: ComparedName
    let entityType: EntityType
    let standing: Standing
    let standingTime: Date?
    let blocksUntil: Date?
    let creditCode: UnifiedSocialCreditCode?
  }

  /// What a name is to its holder.
  enum Standing: String, CaseIterable, Sendable {
    case registered
    case cancelled
    case former
    case revoked
    case reserved
  }

  /// The most candidates that a search brings up; equal names and trade names come first.
  private static let searchLimit: Int32 = 2_000

  // MARK: Reading

  /// The statement that brings up whatever may be near a candidate.
  static func searching(for name: ComparedName, at instant: Date) -> SQL {
    let sought = NameKeys.sought(for: name)
    let scope = name.scope.rawValue
    let inIndustry: SQL =
      sought.industries.map { "AND industry = ANY(\($0))" } ?? ""
    return """
      SELECT \(entryColumns)
      FROM (
        SELECT name_number
        FROM names.name_key
        WHERE scope_code = \(scope) AND key_hash = ANY(\(sought.inIndustry)) \(inIndustry)
        UNION
        SELECT name_number
        FROM names.name_key
        WHERE scope_code = \(scope) AND key_hash = ANY(\(sought.everywhere)) AND industry = 0
      ) k
      JOIN names.library_name n ON n.scope_code = \(scope) AND n.name_number = k.name_number
      WHERE n.blocks_until IS NULL OR n.blocks_until > \(instant)
      ORDER BY n.trade_name = \(String(name.trade)) DESC, n.name_number DESC
      LIMIT \(searchLimit)
      """
  }

  /// The statement that brings up registered names of a few whole spellings.
  static func finding(_ possibilities: [ContainedNames.Possibility]) -> SQL {
    let scopes = possibilities.map(\.scope.rawValue)
    let hashes = possibilities.map { NameKeys.wholeHash($0.whole) }
    return """
      SELECT \(entryColumns)
      FROM unnest(\(scopes), \(hashes)) s (scope_code, key_hash)
      JOIN names.name_key k
        ON k.scope_code = s.scope_code AND k.key_hash = s.key_hash AND k.industry = 0
      JOIN names.library_name n ON n.scope_code = k.scope_code AND n.name_number = k.name_number
      WHERE n.standing = 'registered' AND n.blocks_until IS NULL
      ORDER BY n.scope_code, n.library_id
      LIMIT 100
      """
  }

  private static let entryColumns: SQL = """
    n.scope_code, n.library_id, n.enterprise_name, n.division, n.trade_name, n.industry_words,
      n.industry_key, n.organization_form, n.industry_class, n.entity_type, n.standing_time
    """

  /// An entry of either statement.
  static func entry(_ row: Row) throws -> LibraryEntry {
    let (scope, id, whole, division, trade, industry, key, form, code, type, since) =
      try row.decode(
        Int32.self,
        String.self,
        String.self,
        String.self,
        String.self,
        String.self,
        String.self,
        String.self,
        String.self,
        String.self,
        Date?.self
      )
    guard
      let scope = RegionCode(rawValue: scope),
      let industryClass = IndustryClass(code),
      let entityType = EntityType(type)
    else { throw UnreadableName() }
    let compared = ComparedName(
      whole: whole,
      scope: scope,
      divisionText: division,
      division: Divisions.standard.division(division),
      trade: trade,
      industry: industry,
      form: form,
      industryKey: key,
      industryClass: industryClass,
      isBranch: entityType.isBranch
    )
    return LibraryEntry(libraryID: id, enterpriseName: whole, compared: compared, since: since)
  }

  /// A row that the constraints should have made impossible.
  private struct UnreadableName: Error {}

  /// Whatever may be near a candidate, and whole names that it holds.
  func search(
    for structure: NameStructure,
    at instant: Date
  ) async throws -> (near: [LibraryEntry], contained: [String]) {
    let near = try await transaction.query(
      Self.searching(for: ComparedName(structure), at: instant)
    ).map(Self.entry)
    let possibilities = ContainedNames.possibilities(in: structure)
    if possibilities.isEmpty { return (near, []) }
    let rows = try await transaction.query(Self.finding(possibilities))
    return (near, try Self.contained(rows, possibilities))
  }

  /// The names among what `finding` brought up that are really spelt so.
  static func contained(
    _ rows: [Row],
    _ possibilities: [ContainedNames.Possibility]
  ) throws -> [String] {
    let wanted = Set(possibilities.map(\.whole))
    return try rows.map(Self.entry).filter { wanted.contains($0.compared.whole) }
      .map(\.enterpriseName)
  }

  // MARK: Writing

  /// Locks sets of names, in the one order that never deadlocks, until the transaction ends.
  func lock(_ scopes: Set<RegionCode>) async throws {
    _ = try await transaction.query(
      """
      SELECT scope_code
      FROM names.scope
      WHERE scope_code = ANY(\(scopes.map(\.rawValue)))
      ORDER BY scope_code
      FOR UPDATE
      """
    )
  }

  /// Adds a name and its keys in one statement.
  static func inserting(_ record: Record) -> SQL {
    let name = record.compared
    let keys = Array(NameKeys.kept(for: name))
    return """
      WITH added AS (
        INSERT INTO names.library_name (scope_code, library_id, enterprise_name, division,
          trade_name, industry_words, industry_key, organization_form, industry_class, entity_type,
          standing, standing_time, blocks_until, credit_code, key_version)
        VALUES (\(name.scope.rawValue), \(record.libraryID), \(record.enterpriseName),
          \(record.division), \(String(name.trade)), \(name.industry), \(name.industryKey),
          \(name.form), \(name.industryClass.code), \(record.entityType.code),
          \(record.standing.rawValue), \(record.standingTime), \(record.blocksUntil),
          \(record.creditCode?.description), \(Int32(NameKeys.version)))
        RETURNING name_number
      )
      INSERT INTO names.name_key (scope_code, key_hash, industry, name_number)
      SELECT \(name.scope.rawValue), k.key_hash, k.industry, added.name_number
      FROM added, unnest(\(keys.map(\.hash)), \(keys.map(\.industry))) k (key_hash, industry)
      """
  }

  /// Lets a name stand as before, until another time.
  static func blocking(_ id: String, in scope: RegionCode, until instant: Date?) -> SQL {
    """
    UPDATE names.library_name
    SET blocks_until = \(instant)
    WHERE scope_code = \(scope.rawValue) AND library_id = \(id)
    """
  }

  /// Makes a reserved name a registered one.
  static func registering(
    _ id: String,
    in scope: RegionCode,
    for holder: UnifiedSocialCreditCode,
    at instant: Date
  ) -> SQL {
    """
    UPDATE names.library_name
    SET standing = 'registered', standing_time = \(instant), blocks_until = NULL,
        credit_code = \(holder.description)
    WHERE scope_code = \(scope.rawValue) AND library_id = \(id)
    """
  }

  /// Loads names, no two of one id, each replacing the one of its id wherever that stands.
  func load(_ records: [Record], at instant: Date) async throws {
    try await lock(RegionCode.scopes)
    let known = try await removeKeys(of: records)
    var statements: [SQL] = []
    for record in records {
      let scope = record.compared.scope
      for place in known[record.libraryID] ?? [] where place != scope {
        statements.append(Self.blocking(record.libraryID, in: place, until: instant))
      }
      let stands = known[record.libraryID]?.contains(scope) == true
      statements.append(stands ? Self.replacing(record) : Self.inserting(record))
    }
    for start in stride(from: 0, to: statements.count, by: 100) {
      try await transaction.run(Array(statements[start..<min(start + 100, statements.count)]))
    }
  }

  /// Takes away the keys of names about to be replaced.
  ///
  /// - Returns: By id, the sets in which a name of that id stands.
  private func removeKeys(of records: [Record]) async throws -> [String: Set<RegionCode>] {
    let rows = try await transaction.query(
      """
      SELECT \(Self.entryColumns)
      FROM names.library_name n
      WHERE n.scope_code = ANY(\(RegionCode.scopes.map(\.rawValue)))
        AND n.library_id = ANY(\(records.map(\.libraryID)))
      ORDER BY n.scope_code, n.library_id
      LIMIT 15000
      """
    )
    var known: [String: Set<RegionCode>] = [:]
    for entry in try rows.map(Self.entry) {
      known[entry.libraryID, default: []].insert(entry.compared.scope)
      let hashes = Array(Set(NameKeys.kept(for: entry.compared).map(\.hash)))
      let scope = entry.compared.scope.rawValue
      try await transaction.execute(
        """
        DELETE FROM names.name_key k
        USING names.library_name n
        WHERE n.scope_code = \(scope) AND n.library_id = \(entry.libraryID)
          AND k.scope_code = \(scope) AND k.key_hash = ANY(\(hashes))
          AND k.name_number = n.name_number
        """
      )
    }
    return known
  }

  private static func replacing(_ record: Record) -> SQL {
    let name = record.compared
    let keys = Array(NameKeys.kept(for: name))
    return """
      WITH replaced AS (
        UPDATE names.library_name
        SET enterprise_name = \(record.enterpriseName), division = \(record.division),
            trade_name = \(String(name.trade)), industry_words = \(name.industry),
            industry_key = \(name.industryKey),
            organization_form = \(name.form), industry_class = \(name.industryClass.code),
            entity_type = \(record.entityType.code), standing = \(record.standing.rawValue),
            standing_time = \(record.standingTime), blocks_until = \(record.blocksUntil),
            credit_code = \(record.creditCode?.description),
            key_version = \(Int32(NameKeys.version))
        WHERE scope_code = \(name.scope.rawValue) AND library_id = \(record.libraryID)
        RETURNING name_number
      )
      INSERT INTO names.name_key (scope_code, key_hash, industry, name_number)
      SELECT \(name.scope.rawValue), k.key_hash, k.industry, replaced.name_number
      FROM replaced, unnest(\(keys.map(\.hash)), \(keys.map(\.industry))) k (key_hash, industry)
      """
  }
}

extension String {
  /// The text of scalars.
  init(_ scalars: [Unicode.Scalar]) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
