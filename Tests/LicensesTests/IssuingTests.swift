internal import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Licenses

@Suite("Issuing a licence", .database(licensesMigrations))
struct IssuingTests {
  private let office: Office

  init() async throws {
    office = try await Office(on: try TestDatabase.ofSuite())
  }

  @Test(
    "a licence says what the register says, signed by the registry alone",
    arguments: ["1130", "9100", "9500"]
  )
  func issue(type: String) async throws {
    let entity = try await office.entity(.sample(of: Person.anyone(), type: type))
    let license = try await office.issue(to: entity)
    #expect(license.status == .valid)
    #expect(license.number == 1)
    #expect(license.name == "licenses/\(entity.creditCode)")
    let file = try Liaoning_Registry_V1_LicenseFile(serializedBytes: license.file)
    let read = try Liaoning_Registry_V1_LicenseContent(serializedBytes: file.content)
    #expect(read.face == license.face)
    #expect(read.serial == license.serial)
    #expect(read.issueTime == tenOClock.timestamp)
    #expect(read.face.creditCode == entity.creditCode.description)
    #expect(read.face.capitalFen == (type == "9500" ? 0 : 100_000_000))
    // As the proto says it, with nothing of this room.
    let signed = Array("liaoning.registry.v1.LicenseContent".utf8) + [0] + [UInt8](file.content)
    let key = try VerifyingKey(der: [UInt8](file.signature.publicKey))
    #expect(key == office.signer.publicKey)
    #expect(key.isValidSignature([UInt8](file.signature.value), over: signed))
    let stored = try await office.atDesk { try await $0.license(of: entity.creditCode) }
    #expect(stored == license)
  }

  @Test("an issue leaves one event, and one message without an identity number")
  func traces() async throws {
    let chief = try Person.anyone()
    let entity = try await office.entity(.sample(of: chief))
    let license = try await office.issue(to: entity, notifying: chief.mobileNumber)
    let row = try await office.row(
      """
      SELECT kind, filing, actor, entity, subject, subject_version, details
      FROM ledger.event
      WHERE subject_id = \(license.id.uuid)
      """
    )
    let (kind, filing, actor, name, subject, version, details) = try row.decode(
      String.self,
      String.self,
      String.self,
      String.self,
      String.self,
      Int64.self,
      String.self
    )
    #expect(kind == "license.issued")
    #expect(filing == "filings/f")
    #expect(actor == "staff/S0002")
    #expect(name == entity.name)
    #expect(subject == license.name)
    #expect(version == 1)
    #expect(details.contains(license.serial))
    let delivery = try await office.row(
      """
      SELECT receiver, kind, delivery_id, payload
      FROM outbox.delivery
      WHERE subject = \(license.name)
      """
    )
    let (receiver, what, id, payload) = try delivery.decode(
      String.self,
      String.self,
      UUID.self,
      [UInt8].self
    )
    let message = try Liaoning_Partners_V1_SendMessageRequest(serializedBytes: payload)
    #expect(receiver == "messages")
    #expect(what == "license.issued")
    #expect(message.deliveryID == id.uuidString.lowercased())
    #expect(message.mobileNumber == "13800000000")
    #expect((1...500).contains(message.text.count))
    #expect(message.text.contains(entity.creditCode.description))
    #expect(!message.text.contains(chief.identityNumber.description))
  }

  @Test("nobody is told where there is no number")
  func untold() async throws {
    let license = try await office.licensed()
    let row = try await office.row(
      "SELECT count(*) FROM outbox.delivery WHERE subject = \(license.name)"
    )
    #expect(try row.decode(Int64.self) == 0)
  }

  @Test("of many issues to one entity at once, one succeeds")
  func race() async throws {
    let office = office
    let entity = try await office.entity(.sample(of: Person.anyone()))
    let outcomes = await withTaskGroup(of: Result<License, any Error>.self) { group in
      for _ in 0..<6 {
        group.addTask {
          do {
            return .success(try await office.issue(to: entity))
          } catch {
            return .failure(error)
          }
        }
      }
      return await group.reduce(into: [Result<License, any Error>]()) { $0.append($1) }
    }
    #expect(outcomes.filter { (try? $0.get()) != nil }.count == 1)
    for case .failure(let error) in outcomes {
      #expect(error as? LicenseError == .exists(entity.creditCode))
    }
  }

  @Test("what is no lawful licence leaves nothing behind")
  func faulty() async throws {
    let chief = try Person.anyone()
    let entity = try await office.entity(.sample(of: chief, establishedOn: "2026-11-19"))
    let rules = await expectReason("LICENSE_FACE_FAULTY") {
      try await office.issue(to: entity, notifying: chief.mobileNumber)
    }
    #expect(rules == ["ESTABLISHMENT_DATE_UNLAWFUL"])
    await expectReason("LICENSE_FACE_FAULTY") {
      try await office.issue(to: entity, by: try .shenyang(named: "大连市市场监督管理局"))
    }
    let row = try await office.row(
      """
      SELECT (SELECT count(*) FROM licenses.license WHERE credit_code = \(entity.creditCode.description))
        + (SELECT count(*) FROM ledger.event WHERE subject = \(License.name(of: entity.creditCode)))
        + (SELECT count(*) FROM outbox.delivery WHERE subject = \(License.name(of: entity.creditCode)))
      """
    )
    #expect(try row.decode(Int64.self) == 0)
    let license = try await office.atDesk { try await $0.license(of: entity.creditCode) }
    #expect(license == nil)
  }

  @Test("a key that is not SM2 signs no licence")
  func otherKind() async throws {
    let signer = LicenseSigner(key: SigningKey(generating: .p256))
    let other = try await Office(on: office.surroundings.database, signer: signer)
    let entity = try await office.entity(.sample(of: Person.anyone()))
    await #expect(throws: LicenseError.signingFailed(.keyNotSM2)) {
      try await other.issue(to: entity)
    }
    await expectReason("LICENSE_SIGNING_FAILED") { try await other.issue(to: entity) }
  }

  @Test("what was signed is compared with what was to be signed")
  func compared() throws {
    let content = try content()
    let bytes = try SignedLicense(content, by: office.signer).file
    var other = content
    other.face.place += "1"
    #expect(throws: LicenseError.signingFailed(.unreadable)) {
      try SignedLicense(other, comparedWith: bytes, by: office.signer)
    }
    #expect(throws: LicenseError.signingFailed(.unreadable)) {
      try SignedLicense(content, comparedWith: bytes.dropLast(), by: office.signer)
    }
    let stranger = LicenseSigner(key: SigningKey(generating: .sm2))
    #expect(throws: LicenseError.signingFailed(.unverifiable)) {
      try SignedLicense(content, comparedWith: bytes, by: stranger)
    }
  }
}

@Suite("Keeping licences", .database(licensesMigrations))
struct KeepingTests {
  private let office: Office

  init() async throws {
    office = try await Office(on: try TestDatabase.ofSuite())
  }

  private func constraint(_ statement: SQL) async -> String? {
    let database = office.surroundings.database
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { try await $0.execute(statement) }
    }
    return error?.constraintName
  }

  @Test("a change of status without its event cannot commit")
  func governed() async throws {
    let license = try await office.licensed()
    let name = await constraint(
      """
      UPDATE licenses.license
      SET status = 'revoked', version = version + 1
      WHERE license_id = \(license.id.uuid)
      """
    )
    #expect(name == "a_change_of_a_license_has_its_event")
  }

  @Test("a licence is issued under its seal")
  func issued() async throws {
    let license = try await office.licensed()
    let rows = try await office.surroundings.database.query(
      LicenseStore.current(of: license.creditCode)
    )
    let stored = try LicenseStore.storedLicense(try #require(rows.first))
    #expect(office.signer.hasSealed(license.file, with: stored.file.seal ?? []))
  }

  @Test("what was signed never changes")
  func signed() async throws {
    let license = try await office.licensed()
    let other = try await office.licensed()
    let name = await constraint(
      """
      UPDATE licenses.license
      SET status = 'revoked', file = \(other.file), version = version + 1
      WHERE license_id = \(license.id.uuid)
      """
    )
    #expect(name == "a_signed_license_never_changes")
  }

  @Test(
    "a status moves forward only",
    arguments: License.Status.allCases,
    License.Status.allCases
  )
  func forward(from: License.Status, to: License.Status) async throws {
    let license = try await office.licensed()
    var version = license.version
    if from != .valid {
      try await office.move(license, to: from)
      version += 1
    }
    let isLawful =
      switch (from, to) {
      case (.valid, .superseded), (.valid, .revoked), (.valid, .cancelled),
        (.revoked, .cancelled):
        true
      default: false
      }
    if isLawful {
      let moved = License(license, version: version)
      try await office.move(moved, to: to)
    } else {
      let name = await constraint(
        """
        UPDATE licenses.license
        SET status = \(to.rawValue)::licenses.license_status, version = version + 1
        WHERE license_id = \(license.id.uuid)
        """
      )
      #expect(name == "a_license_moves_forward")
    }
  }

  @Test("an entity has one licence that stands; the next version supersedes it")
  func versions() async throws {
    let first = try await office.licensed()
    let second = try await office.reissued(first)
    let current = try await office.atDesk { try await $0.license(of: first.creditCode) }
    #expect(current == second)
    #expect(second.number == 2)
    let name = await constraint(
      """
      INSERT INTO licenses.license (region_code, license_id, entity_id, credit_code,
        license_version, serial, status, file, filing, issue_time, status_time)
      SELECT region_code, gen_random_uuid(), entity_id, credit_code, 3, 'x', 'valid', file, filing,
        issue_time, status_time
      FROM licenses.license
      WHERE license_id = \(second.id.uuid)
      """
    )
    #expect(name?.hasPrefix("an_entity_has_one_") == true)
  }

  @Test("verification reads one index, however many licences there are")
  func indexed() async throws {
    let license = try await office.licensed()
    let plans = try await office.surroundings.database.withTransaction { transaction in
      try await transaction.execute("SET LOCAL enable_seqscan = off")
      try await transaction.execute("SET LOCAL enable_bitmapscan = off")
      let byCode = try await transaction.query(
        "EXPLAIN \(LicenseStore.current(of: license.creditCode))"
      )
      let byFile = try await transaction.query(
        "EXPLAIN \(LicenseStore.current(of: license.creditCode, besideVersion: 1))"
      )
      return try [byCode, byFile].map { rows in
        try rows.map { try $0.decode(String.self) }.joined(separator: "\n")
      }
    }
    #expect(plans[0].contains("Index Scan using an_entity_has_one_current_license"))
    #expect(plans[1].contains("Index Scan using an_entity_has_one_current_license"))
    #expect(plans[1].contains("Index Scan using a_license_version_is_issued_once"))
    #expect(!plans.joined().contains("Seq Scan"))
  }
}

extension License {
  /// The licence in another version of its row.
  init(_ license: License, version: Int64) {
    self.init(
      id: license.id,
      entityID: license.entityID,
      creditCode: license.creditCode,
      serial: license.serial,
      number: license.number,
      status: license.status,
      filing: license.filing,
      issueTime: license.issueTime,
      face: license.face,
      file: license.file,
      version: version
    )
  }
}
