internal import APIConventions
internal import Entities
internal import Foundation
package import GRPCCore
internal import Identity
internal import Ledger
internal import Postgres
package import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf

// What reads the stored package.
extension ArchiveService {
  package func checkVolume(
    request: Liaoning_Registry_V1_CheckVolumeRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_CheckReport {
    let caller = try Caller(context)
    let now = surroundings.instant
    let volume = try await surroundings.database.withTransaction { transaction in
      try await visibleVolume(request.name, to: caller, in: transaction)
    }
    return try await points(of: volume).report(of: volume.name, at: now)
  }

  package func downloadVolume(
    request: Liaoning_Registry_V1_DownloadVolumeRequest,
    response: RPCWriter<Liaoning_Registry_V1_DownloadVolumeResponse>,
    context: ServerContext
  ) async throws {
    let caller = try Caller(context)
    let now = surroundings.instant
    let volume = try await surroundings.database.withTransaction { transaction in
      let volume = try await visibleVolume(request.name, to: caller, in: transaction)
      guard volume.state == .sealed else { throw ArchiveError.notSealed(volume.name) }
      try await noteDownload(of: volume, request, by: caller.name, at: now, transaction)
      return volume
    }
    let store = PieceStore(surroundings.database)
    var digest = SM3()
    for number in 0..<volume.pieceCount {
      guard let piece = try await store.piece(number, of: volume.id) else {
        throw ArchiveError.damaged(volume.name)
      }
      digest.update(piece)
      // Returns when the transport has taken it: the next piece is not read before.
      try await response.write(.with { $0.chunk = Data(piece) })
    }
    guard digest.finalized() == volume.packageSM3 else {
      throw ArchiveError.damaged(volume.name)
    }
  }

  /// The four-property check of what is stored, one piece in memory at a time.
  func points(of volume: Volume) async throws -> [CheckPoint] {
    let items = try await surroundings.database.withTransaction { transaction in
      try await ArchiveStore(transaction).items(of: volume.id)
    }
    let store = PieceStore(surroundings.database)
    var inspection = VolumeInspection(volume, catalog: items, signer: signer)
    for number in 0..<volume.pieceCount {
      guard let piece = try await store.piece(number, of: volume.id) else {
        inspection.miss(piece: number)
        continue
      }
      inspection = try await onWorkers { [inspection] in
        var next = inspection
        next.take(piece)
        return next
      }
    }
    return try await onWorkers { [inspection] in
      var last = inspection
      return last.finish()
    }
  }

  /// Writes who began to download a volume, before the first byte leaves.
  private func noteDownload(
    of volume: Volume,
    _ request: Liaoning_Registry_V1_DownloadVolumeRequest,
    by actor: String,
    at instant: Date,
    _ transaction: Transaction
  ) async throws {
    let id = surroundings.newID(in: volume.id.region)
    try await ArchiveStore(transaction).insertDownload(id, of: volume.id, by: actor, at: instant)
    try await Ledger(transaction).append(
      LedgerEvent(
        .volumeDownloaded,
        of: id,
        named: "\(volume.name)/downloads/\(id)",
        version: 1,
        filing: volume.filing.name(in: "filings"),
        entity: Entity.name(of: volume.name.creditCode),
        by: actor,
        at: instant,
        details: ["package_sm3": volume.packageSM3.hexadecimal]
      ),
      state: request,
      id: surroundings.newUUID()
    )
  }
}
