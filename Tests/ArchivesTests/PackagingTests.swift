internal import APIConventions
internal import Accounts
internal import EventLoops
internal import Foundation
internal import Identity
internal import Licenses
internal import RegistryAPI
internal import RegistryTestKit
internal import Rendering
internal import Reviews
internal import RoomsTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Archives
@testable internal import Filings

@Suite("Packaging a volume", .database(archivesMigrations))
struct PackagingTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  @Test("a completed filing becomes volume 001 with all that happened")
  func wholeVolume() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(1)
    let volume = try await stacks.package(filing.name)
    let code = filing.entity.dropFirst("entities/".count)
    #expect(volume.name == "archives/\(code)/volumes/001")
    #expect(volume.referenceCode == "L101-DJ·QY-\(code)-2026-Y-001")
    #expect(volume.title == filing.enterpriseName + "设立登记卷")
    #expect(volume.filing == filing.name)
    #expect(volume.state == .packaged)
    #expect(volume.etag == "v1")
    #expect(!volume.hasSealTime)
    #expect(
      volume.items.map(\.path) == [
        "metadata/business.json", "metadata/process.json", "metadata/agents.json",
        "01-application/content.pb", "01-application/content.json", "01-application/D1.pdf",
        "01-application/D2.pdf", "01-application/D3.pdf", "02-signatures/signatures.json",
        "02-signatures/0001-D1.statement.pb", "02-signatures/0002-D2.statement.pb",
        "02-signatures/0003-D3.statement.pb", "03-review/review.pb", "03-review/review.json",
        "03-review/acceptance-notice.pdf", "04-result/registration-notice.pdf",
        "04-result/license.pb", "04-result/license.json", "04-result/register.json",
      ]
    )
    #expect(try await stacks.volume(volume.name) == volume)
    #expect(try await stacks.events(of: filing.name).last == "volume.packaged")
    let archive = try await stacks.archive("archives/\(code)")
    #expect(archive.enterpriseName == filing.enterpriseName)
    #expect(archive.authorityCode == "210100")
    #expect(archive.volumeCount == 1)
    #expect(archive.createTime == volume.createTime)
  }

  @Test("the manifest verifies with the public key alone, and every item by the manifest")
  func manifest() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(2)
    let volume = try await stacks.package(filing.name)
    let package = try await stacks.storedPackage(of: volume)
    #expect([UInt8](volume.packageSm3) == SM3.digest(package).bytes)
    #expect(volume.sizeBytes == Int64(package.count))
    let unpacked = try Unpacked(package, time: stacks.now)
    let manifest = try unpacked.content("manifest.json")
    let signature = try unpacked.value(ManifestSignature.self, "signature.json")
    let key = try VerifyingKey(der: [UInt8](signature.publicKey))
    #expect(key == Stacks.signer.publicKey)
    let signed = Array("liaoning.registry.v1.VolumeManifest".utf8) + [0] + manifest
    #expect(key.isValidSignature([UInt8](signature.value), over: signed))
    #expect(!key.isValidSignature([UInt8](signature.value), over: signed + [0]))
    #expect(signature.value == volume.signature.value)
    let read = try unpacked.value(VolumeManifest.self, "manifest.json")
    #expect(read.items.map(\.path) == unpacked.entries.dropFirst(2).map(\.path))
    for (item, entry) in zip(read.items, unpacked.entries.dropFirst(2)) {
      #expect(item.contentSm3 == SM3.digest(entry.content).hexadecimal)
      #expect(item.sizeBytes == entry.content.count)
    }
    #expect(read.filingNumber == filing.number)
    #expect(read.authorityName == "沈阳市市场监督管理局")
  }

  @Test("what the rooms know is packed in full, and masked where it may be lent")
  func contents() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(3)
    let volume = try await stacks.package(filing.name)
    let unpacked = try Unpacked(
      try await stacks.storedPackage(of: volume),
      time: stacks.now
    )
    let number = founder.person.identityNumber.description
    let content = try Liaoning_Registry_V1_FilingContent(
      serializedBytes: unpacked.content("01-application/content.pb")
    )
    #expect(content.company.legalRepresentative.identityNumber == number)
    let json = try Liaoning_Registry_V1_FilingContent(
      jsonUTF8Bytes: unpacked.content("01-application/content.json")
    )
    #expect(json == content)
    let agents = try unpacked.value(AgentsRecord.self, "metadata/agents.json")
    #expect(
      agents.parties.allSatisfy {
        $0.party.code == Mask.identityNumber(founder.person.identityNumber)
      }
    )
    #expect(agents.handlers.map(\.staff) == ["staff/S0001", "staff/S0002", "staff/S0002"])
    let register = try unpacked.value(RegisterRecord.self, "04-result/register.json")
    #expect(register.responsiblePerson.code == number)
    let process = try unpacked.value(ProcessRecord.self, "metadata/process.json")
    #expect(process.steps.map(\.kind).contains("license.issued"))
    #expect(process.steps.count(where: { $0.kind == "signature_task.signed" }) == 3)
    let license = try Liaoning_Registry_V1_LicenseFile(
      serializedBytes: unpacked.content("04-result/license.pb")
    )
    let face = try Liaoning_Registry_V1_LicenseContent(serializedBytes: license.content).face
    #expect("entities/\(face.creditCode)" == filing.entity)
    let signatures = try unpacked.value(SignaturesRecord.self, "02-signatures/signatures.json")
    #expect(signatures.requiredCount == 3)
    for entry in signatures.signatures {
      let paper = SM3.digest(try unpacked.content(entry.document))
      #expect(entry.fault(in: try unpacked.content(entry.statement), paper: paper) == nil)
      #expect(entry.signer == founder.account)
    }
  }

  /// The applicant's papers in a volume.
  private func papers(of volume: VolumeMessage) -> [String] {
    volume.items.map(\.path).filter { $0.hasPrefix("01-") && $0.hasSuffix(".pdf") }
      .map { String($0.dropFirst("01-application/".count)) }
  }

  @Test("the notices lie in it as papers, the same whenever they are made")
  func notices() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(6)
    stacks.moveClock(by: 86_400)
    let volume = try await stacks.package(filing.name)
    let unpacked = try Unpacked(try await stacks.storedPackage(of: volume), time: stacks.now)
    let id = try RegionalID(filingName: filing.name)
    let (read, review, authority) = try await stacks.atDesk { desk, transaction in
      (
        try #require(try await desk.filing(id)),
        try #require(try await ReviewDesk(transaction).review(of: id)),
        try #require(
          try await Authorities(transaction).authority(id.region, on: CivilDate(stacks.now))
        )
      )
    }
    let notices = ReviewNotices(
      of: read,
      review: review,
      applicant: founder.person.fullName,
      law: .current
    )
    let expected = [
      ("03-review/acceptance-notice.pdf", try #require(notices.acceptance(by: authority))),
      ("04-result/registration-notice.pdf", try #require(notices.registration(by: authority))),
    ]
    for (path, notice) in expected {
      let pdf = try await Counter.renderer.get().pdf(
        notice.printed,
        identifier: notice.number,
        createTime: notice.issueTime
      )
      #expect(try unpacked.content(path) == pdf)
      let item = try #require(volume.items.first { $0.path == path })
      #expect(item.title == notice.printed.title + notice.number)
      #expect(item.mediaType == "application/pdf")
    }
    #expect(review.acceptanceNumber != review.decisionNumber)
  }

  @Test("an individual business and a cooperative have their own class and papers")
  func otherClasses() async throws {
    let stacks = try await stacks()
    let owner = try await stacks.citizen(Person.sample(4))
    let spouse = try await stacks.citizen(Person.sample(5))
    let shop = try await stacks.completed(
      .familyBusiness(owner.person, [spouse.person]),
      by: [owner, spouse]
    )
    let small = try await stacks.package(shop.name)
    #expect(small.referenceCode.contains("-DJ·GT-"))
    #expect(papers(of: small) == ["D1.pdf"])
    #expect(try await stacks.check(small.name).passed)
    var farmers: [Citizen] = []
    for serial in 10..<15 { farmers.append(try await stacks.citizen(Person.sample(serial))) }
    let farm = try await stacks.completed(
      .cooperative(farmers.map(\.person)),
      by: farmers,
      of: "211100"
    )
    let archivist = Stacks.archivist(of: "211100")
    let large = try await stacks.package(farm.name, as: archivist)
    #expect(large.referenceCode.hasPrefix("L111-DJ·NZ-"))
    #expect(papers(of: large) == ["D1.pdf", "D2.pdf", "D3.pdf", "D13.pdf"])
    let report = try await stacks.check(large.name, as: archivist)
    #expect(report.passed, "\(report.points.filter { !$0.passed })")
  }
}

@Suite("Refusing to package", .database(archivesMigrations))
struct PackagingRefusalTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  @Test("a filing that is not there, or another authority's, is not found")
  func notFound() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(1)
    for name in ["", "filings/x", "filings/210100-\(UUID().uuidString.lowercased())"] {
      await expectReason("FILING_NOT_FOUND") { try await stacks.package(name) }
    }
    for authority in ["210200", "210000"] {
      await expectReason("FILING_NOT_FOUND") {
        try await stacks.package(filing.name, as: Stacks.archivist(of: authority))
      }
    }
    await expectReason("CALLER_NOT_PERMITTED") {
      try await stacks.package(filing.name, as: .anonymous)
    }
  }

  @Test("only a completed filing is packaged")
  func notCompleted() async throws {
    let stacks = try await stacks()
    let founder = try await stacks.citizen(Person.sample(2))
    let submitted = try await stacks.brought(.company([founder.person]), by: [founder])
    await expectReason("FILING_NOT_COMPLETED") { try await stacks.package(submitted.name) }
    let examined = try await stacks.examined(submitted)
    await expectReason("FILING_NOT_COMPLETED") { try await stacks.package(examined.name) }
  }

  @Test("a filing has one volume, also once it is archived; a repeat is answered as before")
  func once() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(3)
    let id = UUID().uuidString
    let volume = try await stacks.package(filing.name, requestID: id)
    #expect(try await stacks.package(filing.name, requestID: id) == volume)
    let error = await expectReason("VOLUME_EXISTS") { try await stacks.package(filing.name) }
    #expect(error?.metadata["volume"] == volume.name)
    _ = try await stacks.seal(volume)
    #expect(try await stacks.package(filing.name, requestID: id) == volume)
    await expectReason("VOLUME_EXISTS") { try await stacks.package(filing.name) }
    await expectReason("REQUEST_ID_REUSED") {
      try await stacks.package(submitted(filing), requestID: id)
    }
    await expectReason("REQUEST_ID_MALFORMED") {
      try await stacks.package(filing.name, requestID: "1")
    }
  }

  /// A filing's name that differs from another's.
  private func submitted(_ filing: FilingMessage) async throws -> String {
    let stacks = try await stacks()
    return try await stacks.founded(9).filing.name
  }

  @Test("a package may be as large as the limit and no larger, counted before anything is stored")
  func tooLarge() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(4)
    var service = stacks.archives
    service.limits.bytes = 1_000
    let small = service
    // The signatures alone are larger than that.
    let error = await expectReason("VOLUME_TOO_LARGE") {
      try await stacks.package(filing.name, by: small)
    }
    #expect(error?.metadata["limit_bytes"] == "1000")
    service.limits.bytes = 20_000
    let middling = service
    let whole = await expectReason("VOLUME_TOO_LARGE") {
      try await stacks.package(filing.name, by: middling)
    }
    let size = try #require(whole?.metadata["size_bytes"].flatMap { Int($0) })
    service.limits.bytes = size - 1
    let tight = service
    await expectReason("VOLUME_TOO_LARGE") { try await stacks.package(filing.name, by: tight) }
    await expectReason("ARCHIVE_NOT_FOUND") {
      try await stacks.archive("archives/\(filing.entity.dropFirst("entities/".count))")
    }
    service.limits.bytes = size
    let fitting = service
    #expect(try await stacks.package(filing.name, by: fitting).sizeBytes == Int64(size))
  }

  @Test("a package tells of as many events as the limit and no more")
  func trailTooLong() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(5)
    let count = try await stacks.events(of: filing.name).count
    var service = stacks.archives
    service.limits.events = count - 1
    let tight = service
    let error = await expectReason("VOLUME_TOO_LARGE") {
      try await stacks.package(filing.name, by: tight)
    }
    #expect(error?.metadata["limit_events"] == String(count - 1))
    service.limits.events = count
    let fitting = service
    #expect(try await stacks.check(stacks.package(filing.name, by: fitting).name).passed)
  }

  @Test("of two archivists at once exactly one packages")
  func race() async throws {
    let stacks = try await stacks()
    for serial in 20..<24 {
      let (filing, _) = try await stacks.founded(serial)
      async let one = outcome { try await stacks.package(filing.name) }
      async let other = outcome {
        try await stacks.package(filing.name, as: Stacks.archivist("S0014"))
      }
      let outcomes = try await [one, other]
      #expect(outcomes.count { $0 == nil } == 1)
      #expect(outcomes.contains("VOLUME_EXISTS"))
      #expect(
        try await stacks.archive("archives/\(filing.entity.dropFirst(9))").volumeCount == 1
      )
    }
  }

  @Test("one request sent twice at once is done once")
  func sameRequestTwice() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(30)
    let id = UUID().uuidString
    async let one = stacks.package(filing.name, requestID: id)
    async let other = stacks.package(filing.name, requestID: id)
    let (first, second) = try await (one, other)
    #expect(first == second)
  }

  @Test("when as much waits on the workers as may, packaging is refused")
  func busy() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(31)
    let idle = try Stacks.idleWorkers()
    await idle.shutDown()
    for (drawing, packing) in [
      (idle, try Stacks.workers.get()), (try Stacks.workers.get(), idle),
    ] {
      let service = ArchiveService(
        stacks.surroundings,
        signer: Stacks.signer,
        renderer: PDFRenderer(workers: drawing),
        workers: packing
      )
      let error = await expectReason("ARCHIVE_BUSY") {
        try await stacks.package(filing.name, by: service)
      }
      #expect(error?.retryDelay != nil)
    }
  }

  @Test("numbers are given without a gap: another number is refused by the schema")
  func nextNumber() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(32)
    let code = filing.entity.dropFirst("entities/".count)
    // Somebody else's volume came between collecting and storing.
    try await stacks.tamper(
      """
      INSERT INTO archives.archive (region_code, credit_code, volume_count, create_time)
      VALUES (210100, '\(code)', 999, now())
      """
    )
    await expectReason("ARCHIVE_FULL") { try await stacks.package(filing.name) }
    try await stacks.tamper(
      "UPDATE archives.archive SET volume_count = 4 WHERE credit_code = '\(code)'"
    )
    #expect(try await stacks.package(filing.name).name.hasSuffix("/volumes/005"))
  }
}
