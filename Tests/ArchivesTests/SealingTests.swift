internal import APIConventions
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Archives
@testable internal import Filings

@Suite("Sealing a volume", .database(archivesMigrations))
struct SealingTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  @Test("a volume that passes its check is sealed, and its filing archived")
  func sealed() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(1)
    let packaged = try await stacks.package(filing.name)
    stacks.moveClock(by: 60)
    let volume = try await stacks.seal(packaged)
    #expect(volume.state == .sealed)
    #expect(volume.sealTime == stacks.now.timestamp)
    #expect(volume.etag == "v2")
    #expect(volume.packageSm3 == packaged.packageSm3)
    #expect(try await stacks.volume(volume.name) == volume)
    #expect(
      try await stacks.events(of: filing.name).suffix(3)
        == ["volume.packaged", "volume.sealed", "filing.archived"]
    )
    let archived = try await stacks.call(as: founder.caller) {
      try await stacks.filings.getFiling(request: .with { $0.name = filing.name }, context: $0)
    }
    #expect(archived.state == .archived)
    let name = try #require(VolumeName(volume.name))
    let seal = try await stacks.surroundings.database.withTransaction {
      try await ArchiveStore($0).volume(name)?.seal
    }
    let report = try Liaoning_Registry_V1_CheckReport(
      serializedBytes: try #require(seal).report
    )
    #expect(report.passed)
    #expect(report.points.count == CheckPoint.ID.allCases.count)
    #expect(report.checkTime == volume.sealTime)
    #expect(try await stacks.check(volume.name).points == report.points)
  }

  @Test("a repeat is answered as before; a second sealing is refused")
  func once() async throws {
    let stacks = try await stacks()
    let packaged = try await stacks.package(try await stacks.founded(2).filing.name)
    let id = UUID().uuidString
    let volume = try await stacks.seal(packaged, requestID: id)
    #expect(try await stacks.seal(packaged, requestID: id) == volume)
    await expectReason("VOLUME_SEALED") { try await stacks.seal(volume) }
    await expectReason("REQUEST_ID_REUSED") { try await stacks.seal(volume, requestID: id) }
    await expectReason("REQUEST_ID_MALFORMED") { try await stacks.seal(volume, requestID: "") }
  }

  @Test("an old or malformed etag is stale", arguments: ["", "v0", "v2", "1"])
  func stale(etag: String) async throws {
    let stacks = try await stacks()
    let serial = 10 + (["", "v0", "v2", "1"].firstIndex(of: etag) ?? 0)
    var packaged = try await stacks.package(try await stacks.founded(serial).filing.name)
    packaged.etag = etag
    let volume = packaged
    await expectReason("VOLUME_STALE") { try await stacks.seal(volume) }
  }

  @Test("another authority's volume, the province's archivist included, is not found")
  func notFound() async throws {
    let stacks = try await stacks()
    let packaged = try await stacks.package(try await stacks.founded(3).filing.name)
    for authority in ["210200", "210000"] {
      await expectReason("VOLUME_NOT_FOUND") {
        try await stacks.seal(packaged, as: Stacks.archivist(of: authority))
      }
    }
    for name in ["", packaged.name.dropLast() + "2", "archives/x/volumes/001"] {
      await expectReason("VOLUME_NOT_FOUND") {
        try await stacks.seal(.with { $0.name = String(name) })
      }
    }
    await expectReason("CALLER_NOT_PERMITTED") { try await stacks.seal(packaged, as: .anonymous) }
  }

  @Test("a volume that fails its check is not sealed, and its filing not archived")
  func checkFailed() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(4)
    let packaged = try await stacks.package(filing.name)
    try await stacks.alter(packaged, in: "01-application/D1.pdf", at: 700)
    let error = await expectReason("VOLUME_CHECK_FAILED") { try await stacks.seal(packaged) }
    #expect(error?.metadata["failed"]?.contains("ITEM_DIGEST") == true)
    #expect(error?.metadata["ITEM_DIGEST"] == "01-application/D1.pdf")
    #expect(error?.metadata["volume"] == packaged.name)
    #expect(try await stacks.volume(packaged.name).state == .packaged)
    #expect(try await stacks.events(of: filing.name).last == "volume.packaged")
  }

  @Test("of two archivists at once exactly one seals")
  func race() async throws {
    let stacks = try await stacks()
    for serial in 20..<24 {
      let packaged = try await stacks.package(try await stacks.founded(serial).filing.name)
      async let one = outcome { try await stacks.seal(packaged) }
      async let other = outcome {
        try await stacks.seal(packaged, as: Stacks.archivist("S0014"))
      }
      let outcomes = try await [one, other]
      #expect(outcomes.count { $0 == nil } == 1)
      #expect(outcomes.contains("VOLUME_SEALED"))
    }
  }
}

@Suite("What is filed stays", .database(archivesMigrations))
struct ArchiveSchemaTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  /// The constraint that refuses a statement.
  private func refusal(of sql: String, _ stacks: Stacks) async -> String? {
    do {
      try await stacks.surroundings.database.runScript(sql)
      return nil
    } catch let error as PostgresError {
      return error.constraintName ?? error.message
    } catch {
      return "\(error)"
    }
  }

  @Test("a sealed volume, its items and its bytes are never changed, deleted or added to")
  func sealedStays() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.seal(
      try await stacks.package(try await stacks.founded(1).filing.name)
    )
    let of =
      "WHERE volume_id = (SELECT volume_id FROM archives.volume WHERE reference_code = '\(volume.referenceCode)')"
    for (sql, constraint) in [
      ("UPDATE archives.volume SET title = 'x', version = 3 \(of)", "a_sealed_volume_stays"),
      ("UPDATE archives.volume_item SET title = 'x' \(of)", "what_is_filed_stays"),
      ("DELETE FROM archives.volume_item \(of)", "what_is_filed_stays"),
      ("UPDATE archives.volume_piece SET content = 'x' \(of)", "what_is_filed_stays"),
      ("DELETE FROM archives.volume_piece \(of)", "what_is_filed_stays"),
      (
        "INSERT INTO archives.volume_piece SELECT region_code, volume_id, 99, 'x' FROM archives.volume \(of)",
        "a_sealed_volume_stays"
      ),
      (
        "INSERT INTO archives.volume_item SELECT region_code, volume_id, 99, 'x', 'x', 'x', 1, package_sm3 FROM archives.volume \(of)",
        "a_sealed_volume_stays"
      ),
      ("TRUNCATE archives.volume_piece", "what_is_filed_stays"),
      ("TRUNCATE archives.volume_item", "what_is_filed_stays"),
      ("TRUNCATE archives.volume CASCADE", "what_is_filed_stays"),
      ("DELETE FROM archives.archive", "what_is_filed_stays"),
    ] {
      #expect(await refusal(of: sql, stacks) == constraint, "\(sql)")
    }
    #expect(
      await refusal(of: "DELETE FROM archives.volume \(of)", stacks)?.contains("never deleted")
        == true
    )
    #expect(try await stacks.check(volume.name).passed)
  }

  @Test("a packaged volume changes by its seal only")
  func packagedStays() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(2).filing.name)
    let of = "WHERE reference_code = '\(volume.referenceCode)'"
    #expect(
      await refusal(of: "UPDATE archives.volume SET title = 'x', version = 2 \(of)", stacks)
        == "what_is_filed_stays"
    )
    #expect(
      await refusal(of: "UPDATE archives.volume SET state = 'sealed', version = 2 \(of)", stacks)
        == "only_what_is_sealed_has_a_seal"
    )
    #expect(
      await refusal(of: "UPDATE archives.volume_piece SET content = 'x'", stacks)
        == "what_is_filed_stays"
    )
  }

  @Test("a volume without the next number or with a filing that has one is refused")
  func oneVolumeAFiling() async throws {
    let stacks = try await stacks()
    let message = try await stacks.package(try await stacks.founded(3).filing.name)
    let name = try #require(VolumeName(message.name))
    let database = stacks.surroundings.database
    let volume = try #require(
      try await database.withTransaction { try await ArchiveStore($0).volume(name) }
    )
    for (number, refusal) in [
      (1, ArchiveError.numberTaken), (3, .numberTaken), (2, .volumeExists(name)),
    ] {
      let second = Volume(
        id: stacks.surroundings.newID(in: volume.id.region),
        name: VolumeName(creditCode: name.creditCode, number: number),
        filing: volume.filing,
        referenceCode: "x\(number)",
        title: "x",
        packageSM3: volume.packageSM3,
        byteCount: 1,
        signature: volume.signature,
        createTime: volume.createTime,
        packagedBy: volume.packagedBy
      )
      let package = VolumePackage(volume: second, items: [], bytes: [0], filingVersion: 1)
      let error = await #expect(throws: ArchiveError.self) {
        try await database.withTransaction { try await ArchiveStore($0).insert(package) }
      }
      #expect(error?.reason == refusal.reason)
    }
  }

  @Test("a seal over a version that is no longer the stored one is stale")
  func staleSeal() async throws {
    let stacks = try await stacks()
    let message = try await stacks.package(try await stacks.founded(4).filing.name)
    let name = try #require(VolumeName(message.name))
    let database = stacks.surroundings.database
    let now = stacks.now
    await #expect(throws: ArchiveError.stale(name)) {
      try await database.withTransaction { transaction in
        let store = ArchiveStore(transaction)
        let volume = try #require(try await store.lockedVolume(name))
        let seal = Volume.Seal(time: now, actor: "staff/S0004", report: [1])
        try await store.save(seal, of: try volume.sealed(by: seal), expecting: 7)
      }
    }
  }
}
