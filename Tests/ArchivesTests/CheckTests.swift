internal import APIConventions
internal import RoomsTestKit
internal import Vocabulary
internal import Postgres
internal import Foundation
internal import Licenses
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing

@testable internal import Archives

@Suite("The four-property check of what is stored", .database(archivesMigrations))
struct StoredCheckTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  /// The points that fail.
  private func failing(_ volume: VolumeMessage, _ stacks: Stacks) async throws -> Set<String> {
    let report = try await stacks.check(volume.name)
    #expect(report.volume == volume.name)
    #expect(report.passed == report.points.allSatisfy(\.passed))
    #expect(report.points.allSatisfy { !$0.detail.isEmpty && $0.property != .unspecified })
    return Set(report.points.filter { !$0.passed }.map(\.check))
  }

  @Test("a volume as packaged holds in every point of all four properties")
  func sound() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(1).filing.name)
    let report = try await stacks.check(volume.name)
    #expect(report.passed)
    #expect(report.points.map(\.check) == CheckPoint.ID.allCases.map(\.rawValue))
    #expect(Set(report.points.map(\.property)).count == 4)
    #expect(report.checkTime == stacks.now.timestamp)
  }

  @Test("an altered byte fails authenticity, wherever it is, sealed or not")
  func alteredByte() async throws {
    let stacks = try await stacks()
    let packaged = try await stacks.package(try await stacks.founded(2).filing.name)
    let volume = try await stacks.seal(packaged)
    #expect(try await failing(volume, stacks).isEmpty)
    for (path, place, points) in [
      ("04-result/register.json", 30, ["PACKAGE_DIGEST", "ITEM_DIGEST"]),
      (
        "02-signatures/0002-D2.statement.pb", 60,
        ["PACKAGE_DIGEST", "ITEM_DIGEST", "SIGNATURES_VALID"]
      ),
      ("04-result/license.pb", 12, ["PACKAGE_DIGEST", "ITEM_DIGEST", "LICENSE_SIGNATURE"]),
    ] {
      try await stacks.alter(volume, in: path, at: place)
      let failed = try await failing(volume, stacks)
      #expect(failed.isSuperset(of: points), "\(path): \(failed)")
      try await stacks.alter(volume, in: path, at: place)
      #expect(try await failing(volume, stacks).isEmpty)
    }
    // The header of a file: nothing behind it can be read.
    try await stacks.alter(volume, in: "01-application/D1.pdf", at: -512)
    let failed = try await failing(volume, stacks)
    #expect(failed.isSuperset(of: ["PACKAGE_DIGEST", "PACKAGE_STRUCTURE", "ITEMS_PRESENT"]))
  }

  @Test("a damaged paper fails usability")
  func damagedPaper() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(3).filing.name)
    try await stacks.alter(volume, in: "01-application/D2.pdf", at: 0)
    let report = try await stacks.check(volume.name)
    let usability = report.points.filter { $0.property == .usability && !$0.passed }
    #expect(usability.map(\.check) == ["FILES_OPEN"])
    #expect(usability.first?.detail == "01-application/D2.pdf：不是PDF文件")
  }

  @Test("a missing item or piece fails completeness")
  func missing() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(4).filing.name)
    let of =
      "volume_id = (SELECT volume_id FROM archives.volume WHERE reference_code = '\(volume.referenceCode)')"
    try await stacks.tamper("DELETE FROM archives.volume_item WHERE item_number = 7 AND \(of)")
    #expect(try await failing(volume, stacks) == ["ITEM_CATALOG", "ITEMS_PRESENT"])
    try await stacks.tamper("DELETE FROM archives.volume_piece WHERE piece_number = 0 AND \(of)")
    let failed = try await failing(volume, stacks)
    #expect(failed.isSuperset(of: ["ITEMS_PRESENT", "MATERIALS_COMPLETE", "PACKAGE_STRUCTURE"]))
  }

  @Test("a catalog that says something else fails authenticity")
  func otherCatalog() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(5).filing.name)
    let of = "reference_code = '\(volume.referenceCode)'"
    try await stacks.tamper("UPDATE archives.volume SET title = '另一卷' WHERE \(of)")
    #expect(try await failing(volume, stacks) == ["MANIFEST_METADATA"])
    try await stacks.tamper(
      "UPDATE archives.volume SET title = '\(volume.title)', size_bytes = size_bytes - 1 WHERE \(of)"
    )
    #expect(try await failing(volume, stacks) == ["PACKAGE_DIGEST"])
  }

  @Test("somebody else's key, though everything fits it, is not the registry's")
  func otherKey() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(6).filing.name)
    let other = LicenseSigner(key: SigningKey(generating: .sm2))
    let stranger = ArchiveService(
      stacks.surroundings,
      signer: other,
      renderer: try Counter.renderer.get(),
      workers: try Stacks.workers.get()
    )
    let report = try await stacks.call(as: .archivist) {
      try await stranger.checkVolume(request: .with { $0.name = volume.name }, context: $0)
    }
    #expect(
      report.points.filter { !$0.passed }.map(\.check) == [
        "MANIFEST_SIGNATURE", "LICENSE_SIGNATURE",
      ]
    )
    // The key has changed since: what it signed stays the registry's.
    let successor = ArchiveService(
      stacks.surroundings,
      signer: LicenseSigner(
        key: SigningKey(generating: .sm2),
        formerKeys: [Stacks.signer.publicKey]
      ),
      renderer: try Counter.renderer.get(),
      workers: try Stacks.workers.get()
    )
    let later = try await stacks.call(as: .archivist) {
      try await successor.checkVolume(request: .with { $0.name = volume.name }, context: $0)
    }
    #expect(later.passed)
  }
}
