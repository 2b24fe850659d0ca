/// Brings a database to the schema that the rooms ask for: forward only, each step in a transaction of its own.
///
/// `migrations.landed` keeps each step's number, name and digest. Its lock makes servers that start together wait for one
/// another; its primary key lets a step land once even where locks don't count.
package struct Migrator: Sendable {
  private let database: Database

  /// A migrator of a started database, whose user may create schemas.
  package init(_ database: Database) {
    self.database = database
  }

  /// Takes the steps that the database lacks, in the order of their numbers.
  ///
  /// - Parameter migrations: All steps of all rooms, in any order.
  /// - Throws: `MigrationError`; `PostgresError` if the database can't be reached or asked.
  /// - Returns: The steps taken now.
  @discardableResult
  package func migrate(_ migrations: [Migration]) async throws -> [Migration] {
    let ordered = migrations.sorted { $0.version < $1.version }
    for (one, next) in zip(ordered, ordered.dropFirst()) where one.version == next.version {
      throw MigrationError.duplicate(version: one.version)
    }
    return try await database.withScriptLease { lease in
      try await prepare(lease)
      var taken: [Migration] = []
      while let step = try await takeNext(of: ordered, lease) { taken.append(step) }
      return taken
    }
  }

  /// Makes the table of landed steps; someone else may be making it at the same moment.
  private nonisolated(nonsending) func prepare(_ lease: Lease) async throws {
    var attempts = 0
    while true {
      do {
        return try await perform(
          """
          CREATE SCHEMA IF NOT EXISTS migrations;
          CREATE TABLE IF NOT EXISTS migrations.landed (
            version   integer     PRIMARY KEY CHECK (version > 0),
            name      text        NOT NULL,
            digest    bytea       NOT NULL CHECK (octet_length(digest) = 32),
            land_time timestamptz NOT NULL DEFAULT now()
          );
          """,
          lease
        )
      } catch let error as PostgresError {
        attempts += 1
        let isRace = [SQLState.uniqueViolation, "42P06", "42P07"].contains(error.sqlState)
        guard isRace, attempts < 5 else { throw error }
      }
    }
  }

  private nonisolated(nonsending) func perform(_ script: String, _ lease: Lease) async throws {
    _ = try await lease.perform(.script(script), deadline: nil, abandonsOnCancellation: false)
  }

  private nonisolated(nonsending) func query(_ sql: SQL, _ lease: Lease) async throws -> [Row] {
    let answers = try await lease.perform(
      .statements([sql], beginning: "BEGIN"),
      deadline: nil,
      abandonsOnCancellation: false
    )
    return answers.first?.rows ?? []
  }

  /// Takes the first step that hasn't landed, all others of the database being known and unchanged.
  ///
  /// - Returns: The step, or nil if there is none left.
  private nonisolated(nonsending) func takeNext(
    of migrations: [Migration],
    _ lease: Lease
  ) async throws -> Migration? {
    try await perform("BEGIN", lease)
    do {
      // Whoever holds the lock may be long about it; the step itself must not queue behind other sessions for ever.
      try await perform(
        """
        LOCK TABLE migrations.landed IN SHARE ROW EXCLUSIVE MODE;
        SET LOCAL lock_timeout = '30s';
        """,
        lease
      )
      guard let step = try await firstMissing(of: migrations, lease) else {
        try await perform("COMMIT", lease)
        return nil
      }
      try await take(step, lease)
      try await perform("COMMIT", lease)
      return step
    } catch {
      try? await perform("ROLLBACK", lease)
      throw error
    }
  }

  private nonisolated(nonsending) func firstMissing(
    of migrations: [Migration],
    _ lease: Lease
  ) async throws -> Migration? {
    let rows = try await query(
      """
      SELECT landed.version, landed.name,
        known.name IS NOT NULL AS is_known,
        known.name IS NOT DISTINCT FROM landed.name
          AND sha256(convert_to(known.text, 'UTF8')) IS NOT DISTINCT FROM landed.digest AS is_same
      FROM migrations.landed
      LEFT JOIN unnest(
        \(migrations.map(\.version)), \(migrations.map(\.name))::text[], \(migrations.map(\.sql))::text[]
      ) AS known (version, name, text) ON known.version = landed.version
      ORDER BY landed.version
      """,
      lease
    )
    var landed: Set<Int> = []
    for row in rows {
      let (version, name, isKnown, isSame) = try row.decode(
        Int.self,
        String.self,
        Bool.self,
        Bool.self
      )
      guard isKnown else { throw MigrationError.unknown(version: version, name: name) }
      guard isSame else { throw MigrationError.edited(version: version, name: name) }
      landed.insert(version)
    }
    guard let step = migrations.first(where: { !landed.contains($0.version) }) else { return nil }
    if let last = landed.max(), last > step.version {
      throw MigrationError.outOfOrder(version: step.version, name: step.name)
    }
    return step
  }

  private nonisolated(nonsending) func take(_ step: Migration, _ lease: Lease) async throws {
    do {
      try await perform(step.sql, lease)
    } catch let error as PostgresError {
      throw MigrationError.failed(version: step.version, name: step.name, error)
    }
    guard try await lease.isInTransaction() else {
      throw MigrationError.endedTransaction(version: step.version, name: step.name)
    }
    _ = try await query(
      """
      INSERT INTO migrations.landed (version, name, digest)
      VALUES (\(step.version), \(step.name), sha256(convert_to(\(step.sql)::text, 'UTF8')))
      """,
      lease
    )
  }
}
