internal import APIConventions
internal import Foundation
internal import Postgres
internal import ShangMi
internal import Vocabulary

/// The SQL of schema `archives`.
struct ArchiveStore {
  private let transaction: Transaction

  /// The tables, in an open transaction.
  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The archive of an entity.
  func archive(of creditCode: UnifiedSocialCreditCode) async throws -> Archive? {
    try await transaction.queryOne(
      """
      SELECT a.region_code, a.volume_count, a.create_time
      FROM archives.archive a
      WHERE a.credit_code = \(creditCode.description)
      """
    ).map { try Archive(row: $0, of: creditCode) }
  }

  /// Opens the archive of an entity if there is none yet, and keeps others from adding volumes until
  /// the transaction ends.
  ///
  /// - Returns: How many volumes it has.
  func lockedVolumeCount(
    of creditCode: UnifiedSocialCreditCode,
    in region: RegionCode,
    at instant: Date
  ) async throws -> Int {
    try await transaction.execute(
      """
      INSERT INTO archives.archive (region_code, credit_code, create_time)
      VALUES (\(region.rawValue), \(creditCode.description), \(instant))
      ON CONFLICT (credit_code) DO NOTHING
      """
    )
    let row = try await transaction.queryOne(
      """
      SELECT a.volume_count
      FROM archives.archive a
      WHERE a.region_code = \(region.rawValue) AND a.credit_code = \(creditCode.description)
      FOR NO KEY UPDATE
      """
    )
    guard let row else { throw StoredValueUnknown() }
    return Int(try row.decode(Int16.self, at: 0))
  }

  /// A volume by its name.
  func volume(_ name: VolumeName) async throws -> Volume? {
    try await read(name, lock: "")
  }

  /// A volume by its name, kept from others until the transaction ends.
  func lockedVolume(_ name: VolumeName) async throws -> Volume? {
    try await read(name, lock: "FOR NO KEY UPDATE OF v")
  }

  private func read(_ name: VolumeName, lock: SQL) async throws -> Volume? {
    try await transaction.queryOne(
      """
      SELECT \(Volume.columns)
      FROM archives.volume v
      JOIN archives.archive a ON a.region_code = v.region_code AND a.credit_code = v.credit_code
      WHERE a.credit_code = \(name.creditCode.description)
        AND v.volume_number = \(Int16(clamping: name.number))
      \(lock)
      """
    ).map(Volume.init(row:))
  }

  /// The name of the volume that holds a filing, if there is one.
  func volumeName(of filing: RegionalID) async throws -> VolumeName? {
    try await transaction.queryOne(
      """
      SELECT v.credit_code, v.volume_number
      FROM archives.volume v
      WHERE v.region_code = \(filing.region.rawValue) AND v.filing_id = \(filing.uuid)
      """
    ).map { row in
      let (code, number) = try row.decode(String.self, Int16.self)
      return VolumeName(
        creditCode: try known(UnifiedSocialCreditCode(code)),
        number: Int(number)
      )
    }
  }

  /// The volumes of an archive after a number, by number.
  func volumes(of archive: Archive, after number: Int, limit: Int) async throws -> [Volume] {
    try await transaction.query(
      """
      SELECT \(Volume.columns)
      FROM archives.volume v
      WHERE v.region_code = \(archive.region.rawValue)
        AND v.credit_code = \(archive.creditCode.description)
        AND v.volume_number > \(Int16(clamping: number))
      ORDER BY v.volume_number
      LIMIT \(limit)
      """
    ).map(Volume.init(row:))
  }

  /// The catalog of a volume, in its order.
  func items(of volume: RegionalID) async throws -> [VolumeItem] {
    try await transaction.query(
      """
      SELECT i.path, i.title, i.media_type, i.size_bytes, i.content_sm3
      FROM archives.volume_item i
      WHERE i.region_code = \(volume.region.rawValue) AND i.volume_id = \(volume.uuid)
      ORDER BY i.item_number
      LIMIT 10000
      """
    ).map { row in
      let (path, title, mediaType, size, digest) = try row.decode(
        String.self,
        String.self,
        String.self,
        Int.self,
        [UInt8].self
      )
      return VolumeItem(
        path: path,
        title: title,
        mediaType: mediaType,
        byteCount: size,
        contentSM3: try known(SM3Digest(bytes: digest))
      )
    }
  }
}

// MARK: Writing

extension ArchiveStore {
  /// How many pieces go to the server at once: 1 MiB.
  private static let piecesAtOnce = 4

  /// Writes a new volume with its catalog and its package.
  ///
  /// - Throws: `numberTaken` if its number is not the next one, `volumeExists`.
  func insert(_ package: VolumePackage) async throws {
    let volume = package.volume
    do {
      try await insert(volume)
    } catch let error as PostgresError {
      switch error.constraintName {
      case "a_volume_takes_the_next_number", "a_volume_number_is_given_once":
        throw ArchiveError.numberTaken
      case "a_filing_has_one_volume": throw ArchiveError.volumeExists(volume.name)
      default: throw error
      }
    }
    try await insert(package.items, of: volume.id)
    for first in stride(from: 0, to: volume.pieceCount, by: Self.piecesAtOnce) {
      let numbers = first..<min(first + Self.piecesAtOnce, volume.pieceCount)
      try await transaction.run(
        numbers.map { number in
          let start = number * Volume.pieceSize
          let piece = package.bytes[start..<min(start + Volume.pieceSize, package.bytes.count)]
          return """
            INSERT INTO archives.volume_piece (region_code, volume_id, piece_number, content)
            VALUES (\(volume.id.region.rawValue), \(volume.id.uuid), \(Int32(clamping: number)),
              \(Array(piece)))
            """
        }
      )
    }
  }

  private func insert(_ volume: Volume) async throws {
    try await transaction.execute(
      """
      INSERT INTO archives.volume (region_code, volume_id, credit_code, volume_number, filing_id,
        reference_code, title, package_sm3, size_bytes, signature_algorithm,
        distinguishing_identifier, signature_value, public_key, create_time, packaged_by, version)
      VALUES (\(volume.id.region.rawValue), \(volume.id.uuid),
        \(volume.name.creditCode.description), \(Int16(clamping: volume.name.number)),
        \(volume.filing.uuid), \(volume.referenceCode), \(volume.title),
        \(volume.packageSM3.bytes), \(volume.byteCount), \(volume.signature.algorithm.rawValue),
        \(volume.signature.distinguishingIdentifier), \(volume.signature.value),
        \(volume.signature.publicKey), \(volume.createTime), \(volume.packagedBy),
        \(volume.version))
      """
    )
  }

  private func insert(_ items: [VolumeItem], of volume: RegionalID) async throws {
    try await transaction.execute(
      """
      INSERT INTO archives.volume_item (region_code, volume_id, item_number, path, title,
        media_type, size_bytes, content_sm3)
      SELECT \(volume.region.rawValue), \(volume.uuid), i.item_number, i.path, i.title,
        i.media_type, i.size_bytes, i.content_sm3
      FROM unnest(\(items.map(\.path))::text[], \(items.map(\.title))::text[],
          \(items.map(\.mediaType))::text[], \(items.map(\.byteCount)),
          \(items.map(\.contentSM3.bytes)))
        WITH ORDINALITY AS i (path, title, media_type, size_bytes, content_sm3, item_number)
      """
    )
  }

  /// Writes the seal, unless someone else has written since `version` was read.
  ///
  /// - Throws: `ArchiveError.stale`.
  func save(_ seal: Volume.Seal, of volume: Volume, expecting version: Int64) async throws {
    let updated = try await transaction.execute(
      """
      UPDATE archives.volume
      SET state = \(volume.state.rawValue)::archives.volume_state,
          seal_time = \(seal.time),
          sealed_by = \(seal.actor),
          check_report = \(seal.report),
          version = \(volume.version)
      WHERE region_code = \(volume.id.region.rawValue) AND volume_id = \(volume.id.uuid)
        AND version = \(version)
      """
    )
    guard updated == 1 else { throw ArchiveError.stale(volume.name) }
  }

  /// Writes that a download began.
  func insertDownload(
    _ id: RegionalID,
    of volume: RegionalID,
    by caller: String,
    at instant: Date
  ) async throws {
    try await transaction.execute(
      """
      INSERT INTO archives.download (region_code, download_id, volume_id, caller, create_time)
      VALUES (\(id.region.rawValue), \(id.uuid), \(volume.uuid), \(caller), \(instant))
      """
    )
  }
}

// MARK: Rows

extension Archive {
  fileprivate init(row: Row, of creditCode: UnifiedSocialCreditCode) throws {
    let (region, count, createTime) = try row.decode(Int32.self, Int16.self, Date.self)
    self.init(
      region: try known(RegionCode(rawValue: region)),
      creditCode: creditCode,
      volumeCount: Int(count),
      createTime: createTime
    )
  }
}

extension Volume {
  /// The columns that `init(row:)` reads, of `archives.volume v`.
  fileprivate static let columns: SQL = """
    v.region_code, v.volume_id, v.credit_code, v.volume_number, v.filing_id, v.reference_code,
    v.title, v.package_sm3, v.size_bytes, v.signature_algorithm, v.distinguishing_identifier,
    v.signature_value, v.public_key, v.create_time, v.packaged_by, v.seal_time, v.sealed_by,
    v.check_report, v.version
    """

  fileprivate init(row: Row) throws {
    let region = try known(RegionCode(rawValue: row.decode(Int32.self, at: 0)))
    let creditCode = try known(UnifiedSocialCreditCode(row.decode(String.self, at: 2)))
    self.init(
      id: RegionalID(region: region, uuid: try row.decode(UUID.self, at: 1)),
      name: VolumeName(creditCode: creditCode, number: Int(try row.decode(Int16.self, at: 3))),
      filing: RegionalID(region: region, uuid: try row.decode(UUID.self, at: 4)),
      referenceCode: try row.decode(String.self, at: 5),
      title: try row.decode(String.self, at: 6),
      packageSM3: try known(SM3Digest(bytes: row.decode([UInt8].self, at: 7))),
      byteCount: try row.decode(Int.self, at: 8),
      signature: Signature(
        algorithm: try known(SignatureAlgorithm(rawValue: row.decode(String.self, at: 9))),
        distinguishingIdentifier: try row.decode(String.self, at: 10),
        value: try row.decode([UInt8].self, at: 11),
        publicKey: try row.decode([UInt8].self, at: 12)
      ),
      createTime: try row.decode(Date.self, at: 13),
      packagedBy: try row.decode(String.self, at: 14),
      seal: try Seal(row: row),
      version: try row.decode(Int64.self, at: 18)
    )
  }
}

extension Volume.Seal {
  fileprivate init?(row: Row) throws {
    guard let time = try row.decode(Date?.self, at: 15),
      let actor = try row.decode(String?.self, at: 16),
      let report = try row.decode([UInt8]?.self, at: 17)
    else { return nil }
    self.init(time: time, actor: actor, report: report)
  }
}

/// A value that must be one of those this program writes.
private func known<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw StoredValueUnknown() }
  return value
}

/// A row holds a value that this program never wrote.
struct StoredValueUnknown: Error {}
