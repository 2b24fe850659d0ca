internal import APIConventions
internal import Postgres
internal import Vocabulary

/// The SQL of reading a package piece by piece, each by a statement of its own: no transaction stays
/// open while a slow client takes them.
struct PieceStore: Sendable {
  private let database: Database

  /// The table.
  init(_ database: Database) {
    self.database = database
  }

  /// A piece of a volume's package, from 0; nothing if it is gone.
  func piece(_ number: Int, of volume: RegionalID) async throws -> [UInt8]? {
    try await database.queryOne(
      """
      SELECT p.content
      FROM archives.volume_piece p
      WHERE p.region_code = \(volume.region.rawValue) AND p.volume_id = \(volume.uuid)
        AND p.piece_number = \(Int32(clamping: number))
      """
    ).map { try $0.decode([UInt8].self, at: 0) }
  }
}
