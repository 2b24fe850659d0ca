internal import APIConventions
internal import Accounts
internal import Entities
internal import Filings
internal import Foundation
internal import Ledger
internal import Licenses
internal import Postgres
internal import RegistryAPI
internal import Reviews
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

/// Collects what the rooms know of a filing (收集), in one snapshot.
struct VolumeCollection {
  /// A transaction that sees one moment of the database.
  let transaction: Transaction
  /// The registry's key.
  let signer: LicenseSigner
  /// How large the volume may be.
  let limits: ArchiveRules.Limits
  /// Makes ids; nothing is written.
  let newUUID: @Sendable () -> UUID

  /// What there is of a filing.
  ///
  /// - Parameters:
  ///   - id: The filing.
  ///   - authority: Whose filing it must be.
  /// - Returns: Nothing if the filing is not completed or has its volume: the writing transaction says
  ///   which.
  /// - Throws: `FilingError.notFound` if it is another authority's; `ArchiveError.tooLarge`, before the
  ///   signatures are read; `trailTooLong`.
  func source(of id: RegionalID, for authority: RegionCode) async throws -> VolumeSource? {
    let desk = FilingDesk(transaction, newUUID: newUUID)
    guard let filing = try await desk.filing(id), filing.authority == authority else {
      throw FilingError.notFound(id.name(in: "filings"))
    }
    let store = ArchiveStore(transaction)
    guard filing.state == .completed, let code = filing.entity,
      try await store.volumeName(of: id) == nil
    else { return nil }
    let authorities = Authorities(transaction)
    let decisionDay = CivilDate(filing.decideTime ?? filing.createTime)
    let acceptanceDay = filing.acceptTime.map { CivilDate($0) } ?? decisionDay
    guard let entity = try await EntityRegister(transaction).entity(code),
      let applicant = try await AccountDirectory(transaction).account(filing.applicant),
      let keeper = try await authorities.authority(filing.authority, on: decisionDay),
      let accepting = try await authorities.authority(filing.authority, on: acceptanceDay)
    else { throw SourceIncomplete(filing: filing.resourceName) }
    let tasks = SignatureTasks(transaction, newUUID: newUUID)
    try requireRoom(try await tasks.evidenceSize(of: id))
    let license = try await LicenseDesk(transaction, signer: signer, newUUID: newUUID)
      .license(of: code)
    let trail = try await Ledger(transaction)
      .trail(of: filing.resourceName, limit: limits.events + 1)
    guard trail.count <= limits.events else {
      throw ArchiveError.trailTooLong(limit: limits.events)
    }
    return VolumeSource(
      filing: filing,
      applicant: applicant.holder.displayName,
      content: filing.fullContent,
      documents: try await desk.documents(of: id),
      signatureCount: try await tasks.progress(of: id).total,
      evidence: Self.inOrder(try await tasks.evidence(of: id)),
      review: try await ReviewDesk(transaction).review(of: id),
      entity: entity,
      license: try license.map { try Liaoning_Registry_V1_LicenseFile(serializedBytes: $0.file) },
      trail: trail,
      authority: keeper,
      acceptingAuthority: accepting,
      volumeCount: try await store.archive(of: code)?.volumeCount ?? 0
    )
  }

  /// Signatures by paper, those of one paper in the order in which they were asked for.
  private static func inOrder(_ evidence: [SignatureEvidence]) -> [SignatureEvidence] {
    DocumentKind.allCases.flatMap { kind in evidence.filter { $0.task.document.kind == kind } }
  }

  /// - Throws: `ArchiveError.tooLarge` if the signatures alone fill the package.
  private func requireRoom(_ size: Int) throws(ArchiveError) {
    guard size <= limits.bytes else { throw .tooLarge(size, limit: limits.bytes) }
  }
}

/// A completed filing lacks what every completed filing has: an operator has to look.
struct SourceIncomplete: Error {
  /// `filings/{filing}`.
  let filing: String
}
