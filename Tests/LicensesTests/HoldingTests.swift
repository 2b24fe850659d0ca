internal import APIConventions
internal import Accounts
internal import Entities
internal import EventLoops
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Rendering
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Licenses

@Suite("Holding a licence", .database(licensesMigrations))
struct HoldingTests {
  private let office: Office
  private let chief: PersonRecord

  init() async throws {
    office = try await Office(on: try TestDatabase.ofSuite())
    chief = try Person.anyone()
  }

  private func get(
    _ name: String,
    as caller: Caller
  ) async throws -> Liaoning_Registry_V1_License {
    try await office.call(as: caller) {
      try await office.service.getLicense(request: .with { $0.name = name }, context: $0)
    }
  }

  private func download(
    _ name: String,
    _ form: Liaoning_Registry_V1_DownloadLicenseRequest.Form = .file,
    request: UUID = UUID(),
    as caller: Caller,
    at other: Office? = nil
  ) async throws -> Liaoning_Registry_V1_DownloadLicenseResponse {
    let office = other ?? office
    return try await office.call(as: caller) {
      try await office.service.downloadLicense(
        request: .with {
          $0.name = name
          $0.form = form
          $0.requestID = request.uuidString
        },
        context: $0
      )
    }
  }

  private func downloads(of license: License) async throws -> Int64 {
    try await office.row(
      "SELECT count(*) FROM ledger.event WHERE kind = 'license.downloaded' AND entity = \("entities/\(license.creditCode)")"
    ).decode(Int64.self)
  }

  @Test("the legal representative and staff read it whole")
  func read() async throws {
    let license = try await office.licensed(chief)
    for caller in [try await office.account(of: chief), office.staff] {
      let read = try await get(license.name, as: caller)
      #expect(read.name == license.name)
      #expect(read.serial == license.serial)
      #expect(read.version == 1)
      #expect(read.status == .valid)
      #expect(read.face == license.face)
      #expect(read.issueTime == tenOClock.timestamp)
      #expect(try read.file.serializedBytes() == license.file)
      #expect(read.etag == "v1")
    }
    try await office.move(license, to: .revoked)
    let read = try await get(license.name, as: office.staff)
    #expect(read.status == .revoked)
    #expect(read.etag == "v2")
  }

  @Test("nobody else learns whether it exists")
  func others() async throws {
    let license = try await office.licensed(chief)
    let stranger = try await office.account(of: Person.anyone())
    let firm = try await office.account(
      of: .organization(
        OrganizationRecord(
          enterpriseName: license.face.enterpriseName,
          creditCode: license.creditCode
        )
      ),
      as: .enterpriseLegalPerson
    )
    office.setAnswer(.sourceUnavailable)
    let unverified = try await office.account(of: chief)
    for caller in [stranger, firm, unverified] {
      await expectReason("LICENSE_NOT_FOUND") { try await get(license.name, as: caller) }
      await expectReason("LICENSE_NOT_FOUND") { try await download(license.name, as: caller) }
    }
    for caller in [.anonymous, office.bank()] as [Caller] {
      await expectReason("CALLER_UNAUTHENTICATED") { try await get(license.name, as: caller) }
      await expectReason("CALLER_UNAUTHENTICATED") {
        try await download(license.name, as: caller)
      }
    }
    await expectReason("CALLER_UNAUTHENTICATED") {
      try await download(license.name, as: office.staff)
    }
    #expect(try await downloads(of: license) == 0)
  }

  @Test(
    "a name of another form names nothing",
    arguments: [
      "", "licenses/", "licenses/91210100XX0000019D", "entities/91210100XX0000019C",
      "licenses/91210100xx0000019c", "licenses/91210100XX0000019C/x", "licenses/91210100XX0000019C",
    ]
  )
  func names(name: String) async throws {
    await expectReason("LICENSE_NOT_FOUND") { try await get(name, as: office.staff) }
  }

  @Test("an entity without a licence has none, for its legal representative too")
  func unissued() async throws {
    let entity = try await office.entity(.sample(of: chief))
    let holder = try await office.account(of: chief)
    let name = License.name(of: entity.creditCode)
    await expectReason("LICENSE_NOT_FOUND") { try await get(name, as: holder) }
    await expectReason("LICENSE_NOT_FOUND") { try await download(name, as: holder) }
  }

  @Test("the signed file is handed out as it is kept, and each download leaves its event")
  func file() async throws {
    let license = try await office.licensed(chief)
    let holder = try await office.account(of: chief)
    let reply = try await download(license.name, as: holder)
    #expect([UInt8](reply.content) == license.file)
    #expect(reply.mediaType == "application/x-protobuf")
    #expect([UInt8](reply.contentSm3) == SM3.digest(license.file).bytes)
    #expect(reply.fileName == "\(license.creditCode)-1.license")
    _ = try await download(license.name, as: holder)
    #expect(try await downloads(of: license) == 2)
    let row = try await office.row(
      """
      SELECT e.actor, e.details, d.form, d.content_sm3
      FROM licenses.download d
      JOIN ledger.event e ON e.subject_id = d.download_id
      WHERE d.license_id = \(license.id.uuid)
      ORDER BY d.create_time, d.download_id
      LIMIT 1
      """
    )
    let (actor, details, form, digest) = try row.decode(
      String.self,
      String.self,
      String.self,
      [UInt8].self
    )
    #expect(actor == holder.name)
    #expect(details.contains(license.serial))
    #expect(form == "file")
    #expect(digest == [UInt8](reply.contentSm3))
  }

  @Test(
    "original and copy are PDFs, the same each time",
    arguments: [
      (Liaoning_Registry_V1_DownloadLicenseRequest.Form.originalPdf, "original"),
      (.copyPdf, "copy"),
    ]
  )
  func pdf(
    form: Liaoning_Registry_V1_DownloadLicenseRequest.Form,
    word: String
  ) async throws {
    let license = try await office.licensed(chief)
    let holder = try await office.account(of: chief)
    let reply = try await download(license.name, form, as: holder)
    #expect(reply.content.starts(with: Data("%PDF-".utf8)))
    #expect(reply.content.count <= 4 << 20)
    #expect(reply.mediaType == "application/pdf")
    #expect(reply.contentSm3 == Data(SM3.digest(reply.content).bytes))
    #expect(reply.fileName == "\(license.creditCode)-1-\(word).pdf")
    office.moveClock(by: 86_400)
    #expect(try await download(license.name, form, as: holder) == reply)
  }

  @Test("the paper says what the licence says")
  func printed() async throws {
    let company = try await office.licensed(chief).printed(as: .original)
    #expect(company.layout == .company)
    #expect(company.capital == "人民币壹佰万元整")
    #expect(company.establishDate == "2026年11月20日")
    #expect(company.issueDate == "2026年11月20日")
    #expect(company.term == "2026年11月20日至2046年11月20日")
    #expect(company.responsiblePerson == chief.fullName)
    #expect(company.qrText?.hasPrefix("LNYZ1.") == true)
    let business = try await office.licensed(type: "9500").printed(as: .copy(number: "1-1"))
    #expect(business.layout == .individualBusiness)
    #expect(business.capital == nil)
    #expect(business.composition == "个人经营")
    #expect(business.term == nil)
    let cooperative = try await office.licensed(type: "9100").printed(as: .original)
    #expect(cooperative.term == "2026年11月20日至长期")
  }

  @Test("a scope beyond what a code holds is printed with a code that says where to ask")
  func longScope() async throws {
    let entity = try await office.entity(
      .sample(of: chief, scope: (1...100).map { "第\($0)种软件的开发、销售与技术服务" })
    )
    let license = try await office.issue(to: entity)
    let text = try CompactLicense(license).text
    let file = try Liaoning_Registry_V1_LicenseFile(serializedBytes: license.file)
    #expect(text == "LNYZ0.\(license.serial).\(SM3.digest(file.content).hexadecimal)")
    let reply = try await download(
      license.name,
      .copyPdf,
      as: try await office.account(of: chief)
    )
    #expect(reply.content.starts(with: Data("%PDF-".utf8)))
  }
}

@Suite("Repeating a download", .database(licensesMigrations))
struct DownloadRepeatTests {
  private let office: Office
  private let license: License
  private let holder: Caller

  init() async throws {
    office = try await Office(on: try TestDatabase.ofSuite())
    let chief = try Person.anyone()
    license = try await office.licensed(chief)
    holder = try await office.account(of: chief)
  }

  private func download(
    _ form: Liaoning_Registry_V1_DownloadLicenseRequest.Form = .file,
    name: String? = nil,
    request: String,
    at other: Office? = nil
  ) async throws -> Liaoning_Registry_V1_DownloadLicenseResponse {
    let office = other ?? office
    return try await office.call(as: holder) {
      try await office.service.downloadLicense(
        request: .with {
          $0.name = name ?? license.name
          $0.form = form
          $0.requestID = request
        },
        context: $0
      )
    }
  }

  private func count() async throws -> Int64 {
    try await office.row(
      "SELECT count(*) FROM licenses.download WHERE license_id = \(license.id.uuid)"
    ).decode(Int64.self)
  }

  @Test("a repeat gives the first reply, after a new version too, and leaves one event")
  func repeated() async throws {
    let request = UUID().uuidString
    let first = try await download(.copyPdf, request: request)
    #expect(try await download(.copyPdf, request: request) == first)
    let next = try await office.reissued(license)
    #expect(try await download(.copyPdf, request: request) == first)
    #expect(try await count() == 1)
    let fresh = try await download(.file, request: UUID().uuidString)
    #expect([UInt8](fresh.content) == next.file)
    #expect(fresh.fileName == "\(license.creditCode)-2.license")
  }

  @Test("of repeats at once all get the same reply, and one event is left")
  func race() async throws {
    let request = UUID().uuidString
    let replies = try await withThrowingTaskGroup(
      of: Liaoning_Registry_V1_DownloadLicenseResponse.self
    ) { group in
      for _ in 0..<6 { group.addTask { try await download(request: request) } }
      return try await group.reduce(
        into: [Liaoning_Registry_V1_DownloadLicenseResponse]()
      ) { $0.append($1) }
    }
    #expect(replies.count == 6)
    #expect(replies.allSatisfy { $0 == replies[0] && !$0.content.isEmpty })
    #expect(try await count() == 1)
  }

  @Test("the log remembers no megabytes")
  func small() async throws {
    let request = UUID()
    let reply = try await download(.originalPdf, request: request.uuidString)
    #expect(reply.content.count > 10_000)
    let row = try await office.row(
      """
      SELECT octet_length(reply)
      FROM apiconventions.request_log
      WHERE request_id = \(request)
      """
    )
    #expect(try row.decode(Int32.self) < 200)
  }

  @Test("one request id is for one download")
  func reused() async throws {
    let request = UUID().uuidString
    _ = try await download(request: request)
    await expectReason("REQUEST_ID_REUSED") { try await download(.copyPdf, request: request) }
    #expect(try await count() == 1)
  }

  @Test("what is missing or malformed is named")
  func malformed() async throws {
    let request = UUID().uuidString
    for form in [.unspecified, .UNRECOGNIZED(9)]
      as [Liaoning_Registry_V1_DownloadLicenseRequest.Form]
    {
      let rules = await expectReason("LICENSE_REQUEST_INVALID") {
        try await download(form, request: request)
      }
      #expect(rules == ["FORM_UNKNOWN"])
    }
    let rules = await expectReason("LICENSE_REQUEST_INVALID") {
      try await download(.unspecified, name: "licenses/1", request: request)
    }
    #expect(rules == ["LICENSE_NAME_MALFORMED", "FORM_UNKNOWN"])
    await expectReason("REQUEST_ID_MALFORMED") { try await download(request: "1") }
  }

  @Test("busy workers are told as unavailable, and nothing is left")
  func busy() async throws {
    let workers = try WorkerExecutor(threads: 1, queueLimit: 0)
    await workers.shutDown()
    let closed = try await Office(
      on: office.surroundings.database,
      signer: office.signer,
      renderer: PDFRenderer(workers: workers)
    )
    await expectReason("RENDERER_BUSY") {
      try await download(.originalPdf, request: UUID().uuidString, at: closed)
    }
    #expect(LicenseError.rendererBusy.retryDelay == .seconds(2))
    #expect(try await count() == 0)
    let file = try await download(.file, request: UUID().uuidString, at: closed)
    #expect([UInt8](file.content) == license.file)
  }

  @Test("a repeat whose memory was lost does not hand out a licence that was superseded")
  func stale() async throws {
    let request = UUID()
    _ = try await download(request: request.uuidString)
    _ = try await office.reissued(license)
    try await office.surroundings.database.withTransaction { transaction in
      try await transaction.execute(
        "DELETE FROM apiconventions.request_log WHERE request_id = \(request)"
      )
    }
    await expectReason("LICENSE_STALE") { try await download(request: request.uuidString) }
    office.moveClock(by: 86_400)
    let fresh = try await download(request: request.uuidString)
    #expect(fresh.fileName == "\(license.creditCode)-2.license")
  }

  @Test("bytes that can no longer be made are never passed off as the first ones")
  func rendition() async throws {
    let request = UUID()
    var reply = try await download(request: request.uuidString)
    reply.content = Data()
    reply.contentSm3 = Data(SM3.digest([1, 2, 3]).bytes)
    let bytes: [UInt8] = try reply.serializedBytes()
    try await office.surroundings.database.withTransaction { transaction in
      try await transaction.execute(
        "UPDATE apiconventions.request_log SET reply = \(bytes) WHERE request_id = \(request)"
      )
    }
    await expectReason("LICENSE_RENDITION_CHANGED") {
      try await download(request: request.uuidString)
    }
  }
}
