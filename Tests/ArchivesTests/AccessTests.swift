internal import APIConventions
internal import Postgres
internal import RoomsTestKit
internal import Vocabulary
internal import EventLoops
internal import Accounts
internal import Foundation
internal import Identity
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import Testing

@testable internal import Archives
@testable internal import Filings

@Suite("Who sees an archive", .database(archivesMigrations))
struct AccessTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  /// Every way of reading, with what it says where the caller sees nothing.
  private func reads(_ volume: VolumeMessage, of stacks: Stacks, as caller: Caller) async throws
    -> [String?]
  {
    let archive = String(volume.name.dropLast("/volumes/001".count))
    return try await [
      outcome { try await stacks.archive(archive, as: caller) },
      outcome { try await stacks.volumes(of: archive, as: caller) },
      outcome { try await stacks.volume(volume.name, as: caller) },
      outcome { try await stacks.check(volume.name, as: caller) },
      outcome { try await stacks.download(volume.name, as: caller) },
    ]
  }

  private let hidden = [
    "ARCHIVE_NOT_FOUND", "ARCHIVE_NOT_FOUND", "VOLUME_NOT_FOUND", "VOLUME_NOT_FOUND",
    "VOLUME_NOT_FOUND",
  ]

  @Test("staff of its authority, of the province, auditors, and the legal representative see it")
  func seen() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(1)
    let volume = try await stacks.seal(try await stacks.package(filing.name))
    let open: [Caller] = [
      .clerk, .examiner, .archivist, founder.caller, .registrar("S0021", .auditor, of: "210200"),
      .registrar("S0022", .clerk, of: "210000"),
    ]
    for caller in open {
      #expect(try await reads(volume, of: stacks, as: caller) == [nil, nil, nil, nil, nil])
    }
  }

  @Test("staff of another city and other people do not, whoever filed")
  func hidden() async throws {
    let stacks = try await stacks()
    let clerk = try await stacks.citizen(Person.sample(2))
    let founder = try await stacks.citizen(Person.sample(3))
    let shareholder = try await stacks.citizen(Person.sample(4))
    // The applicant is a shareholder and no legal representative.
    let content = Liaoning_Registry_V1_FilingContent.company([founder.person, shareholder.person])
    let filing = try await stacks.completed(content, by: [shareholder, founder])
    let volume = try await stacks.seal(try await stacks.package(filing.name))
    for caller in [
      clerk.caller, shareholder.caller, .registrar("S0031", .archivist, of: "210200"),
    ] {
      #expect(try await reads(volume, of: stacks, as: caller) == hidden)
    }
    #expect(try await reads(volume, of: stacks, as: founder.caller).allSatisfy { $0 == nil })
    for (caller, reason) in [
      (Caller.anonymous, "CALLER_UNAUTHENTICATED"),
      (
        .account(AccountCaller(id: stacks.surroundings.newID(in: .liaoning), session: [])),
        "CALLER_UNAUTHENTICATED"
      ),
      (.partner(PartnerCaller(id: "bank", purposes: [], fields: [])), "CALLER_UNAUTHENTICATED"),
    ] {
      let answers = try await reads(volume, of: stacks, as: caller)
      #expect(answers.allSatisfy { $0 == reason })
    }
  }

  @Test("an identity that no library has confirmed opens nothing")
  func unconfirmed() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(5)
    let volume = try await stacks.seal(try await stacks.package(filing.name))
    try await stacks.tamper(
      "UPDATE accounts.account SET verification = 'pending' WHERE account_id = '\(founder.account.suffix(36))'"
    )
    #expect(try await reads(volume, of: stacks, as: founder.caller) == hidden)
  }

  @Test("an entity without a volume has no archive yet")
  func noArchive() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(6)
    let archive = "archives/\(filing.entity.dropFirst("entities/".count))"
    for caller in [Caller.archivist, founder.caller] {
      await expectReason("ARCHIVE_NOT_FOUND") { try await stacks.archive(archive, as: caller) }
    }
    for name in ["", "archives/", "archives/x", archive + "/"] {
      await expectReason("ARCHIVE_NOT_FOUND") { try await stacks.archive(name) }
    }
  }

  @Test("volumes are listed by number, without items, page by page")
  func list() async throws {
    let stacks = try await stacks()
    let (filing, _) = try await stacks.founded(7)
    let volume = try await stacks.package(filing.name)
    let archive = "archives/\(filing.entity.dropFirst("entities/".count))"
    let whole = try await stacks.volumes(of: archive)
    #expect(whole.volumes.map(\.name) == [volume.name])
    #expect(whole.volumes.allSatisfy { $0.items.isEmpty })
    #expect(whole.nextPageToken.isEmpty)
    // Two more volumes, as later filings of the entity will make them.
    try await stacks.tamper(
      """
      INSERT INTO archives.volume (region_code, volume_id, credit_code, volume_number, filing_id,
        reference_code, title, package_sm3, size_bytes, signature_algorithm,
        distinguishing_identifier, signature_value, public_key, create_time, packaged_by)
      SELECT v.region_code, gen_random_uuid(), v.credit_code, n, gen_random_uuid(),
        v.reference_code || n, v.title, v.package_sm3, v.size_bytes, v.signature_algorithm,
        v.distinguishing_identifier, v.signature_value, v.public_key, v.create_time, v.packaged_by
      FROM archives.volume v, generate_series(2, 3) n
      WHERE v.reference_code = '\(volume.referenceCode)'
      """
    )
    let first = try await stacks.volumes(of: archive, pageSize: 2)
    #expect(first.volumes.map { String($0.name.suffix(3)) } == ["001", "002"])
    let second = try await stacks.volumes(
      of: archive,
      pageSize: 2,
      token: first.nextPageToken
    )
    #expect(second.volumes.map { String($0.name.suffix(3)) } == ["003"])
    #expect(second.nextPageToken.isEmpty)
    await expectReason("PAGE_TOKEN_INVALID") {
      try await stacks.volumes(of: archive, token: "x")
    }
    await expectReason("PAGE_SIZE_INVALID") {
      try await stacks.volumes(of: archive, pageSize: -1)
    }
  }
}

@Suite("Downloading a volume", .database(archivesMigrations))
struct DownloadTests {
  private func stacks() async throws -> Stacks {
    try await Stacks(on: TestDatabase.ofSuite())
  }

  @Test("what arrives is the sealed package, in chunks of 256 KiB, and tar reads it")
  func whole() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(1)
    let volume = try await stacks.seal(try await stacks.package(filing.name))
    for caller in [Caller.archivist, founder.caller] {
      let chunks = try await stacks.download(volume.name, as: caller)
      #expect(chunks.dropLast().allSatisfy { $0.count == 256 << 10 })
      #expect((1...256 << 10).contains(chunks.last?.count ?? 0))
      #expect(SM3.digest(chunks.flatMap(\.self)).bytes == [UInt8](volume.packageSm3))
      #expect(chunks.reduce(0) { $0 + $1.count } == Int(volume.sizeBytes))
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let package = try await stacks.download(volume.name).flatMap(\.self)
    try Data(package).write(to: folder.appending(path: "volume.tar"))
    let listed = try runTar(["-tf", "volume.tar"], in: folder).split(separator: "\n").map(
      String.init
    )
    #expect(listed == ["manifest.json", "signature.json"] + volume.items.map(\.path))
    _ = try runTar(["-xf", "volume.tar"], in: folder)
    for item in volume.items {
      let bytes = try Data(contentsOf: folder.appending(path: item.path))
      #expect(SM3.digest(bytes).bytes == [UInt8](item.contentSm3))
    }
  }

  @Test("each download is traced with who began it, before the first byte")
  func traced() async throws {
    let stacks = try await stacks()
    let (filing, founder) = try await stacks.founded(2)
    let volume = try await stacks.seal(try await stacks.package(filing.name))
    _ = try await stacks.download(volume.name, as: founder.caller)
    struct Gone: Error {}
    await #expect(throws: Gone.self) {
      try await stacks.download(volume.name) { _ in throw Gone() }
    }
    let rows = try await stacks.surroundings.database.query(
      """
      SELECT e.actor, d.caller
      FROM archives.download d
      JOIN ledger.event e ON e.region_code = d.region_code AND e.subject_id = d.download_id
      WHERE e.filing = \(filing.name) AND e.kind = 'volume.downloaded'
      ORDER BY e.event_number
      LIMIT 10
      """
    ).map { try $0.decode(String.self, String.self) }
    #expect(rows.map(\.0) == [founder.account, "staff/S0004"])
    #expect(rows.map(\.1) == rows.map(\.0))
  }

  @Test("only a sealed volume is downloaded")
  func notSealed() async throws {
    let stacks = try await stacks()
    let volume = try await stacks.package(try await stacks.founded(3).filing.name)
    await expectReason("VOLUME_NOT_SEALED") { try await stacks.download(volume.name) }
    await expectReason("VOLUME_NOT_FOUND") { try await stacks.download("archives/x/volumes/001") }
  }

  @Test("no piece is read before the one before it was taken; damage ends the download")
  func bounded() async throws {
    let stacks = try await stacks()
    // So many characters that the package has more than one piece.
    let characters = (0..<3_000).compactMap { Unicode.Scalar(0x4E00 + $0) }.map(Character.init)
    let founder = try await stacks.citizen(Person.sample(4))
    let content = Liaoning_Registry_V1_FilingContent.company(
      [founder.person],
      charter: String(characters)
    )
    let filing = try await stacks.completed(content, by: [founder])
    let volume = try await stacks.seal(try await stacks.package(filing.name))
    let last = Int((volume.sizeBytes - 1) / (256 << 10))
    try #require(last >= 1)
    await expectReason("VOLUME_DAMAGED") {
      try await stacks.download(volume.name) { place in
        guard place == last - 1 else { return }
        // The writer has not taken this chunk yet: the next one is still unread.
        try await stacks.tamper(
          "UPDATE archives.volume_piece SET content = set_byte(content, 0, get_byte(content, 0) # 1) WHERE piece_number = \(last)"
        )
      }
    }
    try await stacks.tamper("DELETE FROM archives.volume_piece WHERE piece_number = \(last)")
    await expectReason("VOLUME_DAMAGED") { try await stacks.download(volume.name) }
  }
}
