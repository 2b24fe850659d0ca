package import APIConventions
internal import Accounts
internal import Entities
package import EventLoops
internal import Filings
internal import Foundation
package import GRPCCore
internal import Identity
internal import Ledger
package import Licenses
internal import Postgres
package import RegistryAPI
package import Rendering
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

/// The RPCs of archives.
package struct ArchiveService: Liaoning_Registry_V1_ArchiveService.SimpleServiceProtocol {
  let surroundings: Surroundings
  let signer: LicenseSigner
  let renderer: PDFRenderer
  let workers: WorkerExecutor
  /// How large a volume may be.
  var limits = ArchiveRules.Limits.standard

  /// The service.
  ///
  /// - Parameters:
  ///   - surroundings: Database, time, ids, law.
  ///   - signer: The registry's key: signs manifests and tells its signatures from others'.
  ///   - renderer: Renders the notices on the workers.
  ///   - workers: Where packages are made and checked.
  package init(
    _ surroundings: Surroundings,
    signer: LicenseSigner,
    renderer: PDFRenderer,
    workers: WorkerExecutor
  ) {
    self.surroundings = surroundings
    self.signer = signer
    self.renderer = renderer
    self.workers = workers
  }

  package func getArchive(
    request: Liaoning_Registry_V1_GetArchiveRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Archive {
    let caller = try Caller(context)
    return try await surroundings.database.withTransaction { transaction in
      let archive = try await visibleArchive(request.name, to: caller, in: transaction)
      let entity = try await EntityRegister(transaction).entity(archive.creditCode)
      return archive.proto(enterpriseName: entity?.enterpriseName ?? "")
    }
  }

  package func listVolumes(
    request: Liaoning_Registry_V1_ListVolumesRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListVolumesResponse {
    let caller = try Caller(context)
    return try await surroundings.database.withTransaction { transaction in
      let archive = try await visibleArchive(request.parent, to: caller, in: transaction)
      let page = try VolumePage(request, of: archive.creditCode)
      let found = try await ArchiveStore(transaction)
        .volumes(of: archive, after: page.position, limit: page.size.rows + 1)
      let shown = found.prefix(page.size.rows)
      return .with {
        $0.volumes = shown.map { $0.proto() }
        if found.count > shown.count, let last = shown.last {
          $0.nextPageToken = VolumePage.token(after: last.name)
        }
      }
    }
  }

  package func getVolume(
    request: Liaoning_Registry_V1_GetVolumeRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Volume {
    let caller = try Caller(context)
    return try await surroundings.database.withTransaction { transaction in
      let volume = try await visibleVolume(request.name, to: caller, in: transaction)
      return volume.proto(items: try await ArchiveStore(transaction).items(of: volume.id))
    }
  }

  package func packageVolume(
    request: Liaoning_Registry_V1_PackageVolumeRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Volume {
    let staff = try Caller(context).requireStaff()
    let requestID = try RequestID(request.requestID)
    guard let id = RegionalID(resourceName: request.filing, collection: "filings") else {
      throw FilingError.notFound(request.filing)
    }
    let now = surroundings.instant
    let package = try await packed(id, by: staff, at: now)
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: staff.name, for: request) {
        let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
        let filing = try await desk.lockedFiling(id)
        guard filing.authority == staff.authority else {
          throw FilingError.notFound(request.filing)
        }
        let store = ArchiveStore(transaction)
        if let name = try await store.volumeName(of: id) { throw ArchiveError.volumeExists(name) }
        guard filing.state == .completed else { throw FilingError.notCompleted(id, filing.state) }
        guard let package, package.filingVersion == filing.version else {
          throw FilingError.stale(id)
        }
        try await requireNextNumber(package.volume, store, at: now)
        try await store.insert(package)
        try await note(.volumePackaged, package.volume, by: staff.name, at: now, transaction)
        return package.volume.proto(items: package.items)
      }
    }
  }

  package func sealVolume(
    request: Liaoning_Registry_V1_SealVolumeRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Volume {
    let staff = try Caller(context).requireStaff()
    let requestID = try RequestID(request.requestID)
    let now = surroundings.instant
    let (name, read) = try await keptVolume(request.name, by: staff)
    // What is stored never changes, so that it may be checked before the transaction.
    let points = read.state == .packaged ? try await points(of: read) : []
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: staff.name, for: request) {
        let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
        let filing = try await desk.lockedFiling(read.filing)
        let store = ArchiveStore(transaction)
        guard let volume = try await store.lockedVolume(name) else {
          throw ArchiveError.volumeNotFound(request.name)
        }
        let report: [UInt8] = try points.report(of: name, at: now).serializedBytes()
        let seal = Volume.Seal(time: now, actor: staff.name, report: report)
        let sealed = try volume.sealed(by: seal)
        guard ETag(request.etag)?.version == volume.version, volume.version == read.version else {
          throw ArchiveError.stale(name)
        }
        let failed = points.filter { !$0.passed }
        guard failed.isEmpty, !points.isEmpty else { throw ArchiveError.checkFailed(name, failed) }
        try await store.save(seal, of: sealed, expecting: volume.version)
        try await note(.volumeSealed, sealed, by: staff.name, at: now, transaction)
        _ = try await desk.archive(filing, expecting: filing.version, by: staff.name, at: now)
        return sealed.proto(items: try await store.items(of: volume.id))
      }
    }
  }
}

// MARK: Who sees what

extension ArchiveService {
  /// - Throws: `archiveNotFound` also for whoever may not see it.
  func visibleArchive(
    _ name: String,
    to caller: Caller,
    in transaction: Transaction
  ) async throws -> Archive {
    let viewer = try await ArchiveViewer(caller, in: transaction)
    guard let code = ArchiveName.creditCode(in: name),
      let archive = try await ArchiveStore(transaction).archive(of: code),
      try await viewer.sees(code, keptBy: archive.region)
    else { throw ArchiveError.archiveNotFound(name) }
    return archive
  }

  /// - Throws: `volumeNotFound` also for whoever may not see it.
  func visibleVolume(
    _ name: String,
    to caller: Caller,
    in transaction: Transaction
  ) async throws -> Volume {
    let viewer = try await ArchiveViewer(caller, in: transaction)
    guard let parsed = VolumeName(name),
      let volume = try await ArchiveStore(transaction).volume(parsed),
      try await viewer.sees(parsed.creditCode, keptBy: volume.id.region)
    else { throw ArchiveError.volumeNotFound(name) }
    return volume
  }

  /// A volume of the caller's own authority.
  private func keptVolume(
    _ name: String,
    by staff: StaffCaller
  ) async throws -> (VolumeName, Volume) {
    try await surroundings.database.withTransaction { transaction in
      guard let parsed = VolumeName(name),
        let volume = try await ArchiveStore(transaction).volume(parsed),
        volume.id.region == staff.authority
      else { throw ArchiveError.volumeNotFound(name) }
      return (parsed, volume)
    }
  }
}

// MARK: Packaging

extension ArchiveService {
  /// Collects and packs a filing, before the transaction that stores it.
  ///
  /// - Returns: Nothing if there is nothing to pack.
  private func packed(
    _ id: RegionalID,
    by staff: StaffCaller,
    at instant: Date
  ) async throws -> VolumePackage? {
    let source = try await surroundings.database.slow { transaction in
      try await VolumeCollection(
        transaction: transaction,
        signer: signer,
        limits: limits,
        newUUID: surroundings.newUUID
      ).source(of: id, for: staff.authority)
    }
    guard let source else { return nil }
    let notices = try await source.notices(under: surroundings.law, by: renderer)
    let order = VolumeOrder(
      id: surroundings.newID(in: id.region),
      actor: staff.name,
      instant: instant,
      scheme: .permanent,
      signer: signer,
      limits: limits
    )
    return try await onWorkers { try VolumePackage(source, notices, order) }
  }

  /// - Throws: `full`; `numberTaken` if another volume came between.
  private func requireNextNumber(
    _ volume: Volume,
    _ store: ArchiveStore,
    at instant: Date
  ) async throws {
    let count = try await store.lockedVolumeCount(
      of: volume.name.creditCode,
      in: volume.id.region,
      at: instant
    )
    guard count < Archive.volumeLimit else { throw ArchiveError.full }
    guard volume.name.number == count + 1 else { throw ArchiveError.numberTaken }
  }

  /// Does what burns on the workers.
  ///
  /// - Throws: `busy` when as much waits there as may.
  func onWorkers<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    do {
      return try await workers.run(work)
    } catch is WorkerExecutor.Refusal {
      throw ArchiveError.busy
    }
  }

  /// Writes the event of a volume's change.
  private func note(
    _ kind: EventKind,
    _ volume: Volume,
    by actor: String,
    at instant: Date,
    _ transaction: Transaction
  ) async throws {
    try await Ledger(transaction).append(
      LedgerEvent(
        kind,
        of: volume.id,
        named: volume.name.description,
        version: volume.version,
        filing: volume.filing.name(in: "filings"),
        entity: Entity.name(of: volume.name.creditCode),
        by: actor,
        at: instant,
        details: [
          "reference_code": volume.referenceCode,
          "package_sm3": volume.packageSM3.hexadecimal,
          "size_bytes": String(volume.byteCount),
          "state": volume.state.rawValue,
        ]
      ),
      state: volume.proto(),
      id: surroundings.newUUID()
    )
  }
}

extension EventKind {
  /// A filing was packaged as a volume.
  static let volumePackaged = EventKind(rawValue: "volume.packaged")
  /// A volume was sealed.
  static let volumeSealed = EventKind(rawValue: "volume.sealed")
  /// Somebody began to download a volume.
  static let volumeDownloaded = EventKind(rawValue: "volume.downloaded")
}
