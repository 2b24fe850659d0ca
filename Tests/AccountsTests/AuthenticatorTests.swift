internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryTestKit
internal import ShangMi
internal import Synchronization
internal import Testing
internal import Vocabulary

@Suite("Knowing a caller by certificate", .database(accountsMigrations))
struct AuthenticatorTests {
  private func seed(_ office: Office) async throws -> (StaffSeed, PartnerSeed) {
    var staff = try #require(StaffSeed.development(at: .liaoning).first)
    staff = StaffSeed(
      number: "S" + String(UUID().uuidString.prefix(8)),
      fullName: staff.fullName,
      identityNumber: staff.identityNumber,
      authority: staff.authority,
      roles: [.clerk, .archivist],
      certificateSPKISHA256s: [secureRandomBytes(32), secureRandomBytes(32)]
    )
    let partner = PartnerSeed(
      id: "bank-" + UUID().uuidString.prefix(8).lowercased(),
      displayName: "某银行",
      purposes: ["ACCOUNT_OPENING"],
      fields: ["enterprise_name", "credit_code"],
      certificateSPKISHA256s: [secureRandomBytes(32)]
    )
    try await seedDevelopmentStaff([staff], partners: [partner], in: office.database)
    return (staff, partner)
  }

  @Test("staff on the inner listener, partners on the outer one, by any of their certificates")
  func listeners() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let (staff, partner) = try await seed(office)
    let authenticator = Authenticator(office.surroundings)
    for digest in staff.certificateSPKISHA256s {
      let caller = try await authenticator.caller(certificateSPKISHA256: digest, on: .inner)
      #expect(
        caller
          == .staff(
            StaffCaller(
              number: staff.number,
              authority: .liaoning,
              roles: [.clerk, .archivist],
              identityNumber: staff.identityNumber.description
            )
          )
      )
      #expect(try await authenticator.caller(certificateSPKISHA256: digest, on: .outer) == nil)
    }
    let digest = partner.certificateSPKISHA256s[0]
    #expect(
      try await authenticator.caller(certificateSPKISHA256: digest, on: .outer)
        == .partner(
          PartnerCaller(id: partner.id, purposes: partner.purposes, fields: partner.fields)
        )
    )
    #expect(try await authenticator.caller(certificateSPKISHA256: digest, on: .inner) == nil)
    #expect(try await authenticator.caller(certificateSPKISHA256: [], on: .inner) == nil)
  }

  @Test("a revoked certificate is refused after a second at most")
  func revocation() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let (staff, _) = try await seed(office)
    let digest = staff.certificateSPKISHA256s[0]
    let uptime = SharedUptime()
    let authenticator = Authenticator(office.surroundings, uptime: { uptime.now })
    func isKnown() async throws -> Bool {
      try await authenticator.caller(certificateSPKISHA256: digest, on: .inner) != nil
    }
    #expect(try await isKnown())
    try await office.database.withTransaction { transaction in
      try await transaction.execute(
        """
        UPDATE accounts.staff_certificate SET revoke_time = \(office.now)
        WHERE spki_sha256 = \(digest)
        """
      )
    }
    uptime.move(by: .milliseconds(999))
    #expect(try await isKnown())
    uptime.move(by: .milliseconds(1))
    #expect(try await !isKnown())
  }

  @Test("seeding again writes over what was there")
  func seedingAgain() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let (staff, partner) = try await seed(office)
    let promoted = StaffSeed(
      number: staff.number,
      fullName: staff.fullName,
      identityNumber: staff.identityNumber,
      authority: staff.authority,
      roles: [.head],
      certificateSPKISHA256s: staff.certificateSPKISHA256s
    )
    try await seedDevelopmentStaff([promoted], partners: [partner], in: office.database)
    let caller = try await Authenticator(office.surroundings)
      .caller(certificateSPKISHA256: staff.certificateSPKISHA256s[0], on: .inner)
    #expect(caller?.roles == [.anyone, .head])
  }

  @Test("made-up staff have numbers of their own and every role once")
  func developmentStaff() throws {
    let shenyang = StaffSeed.development(at: try #require(RegionCode(rawValue: 210_100)))
    let dalian = StaffSeed.development(at: try #require(RegionCode(rawValue: 210_200)))
    #expect(shenyang.map(\.number).first == "S21010001")
    #expect(
      shenyang.map(\.roles) == [
        [.clerk], [.examiner], [.head], [.archivist], [.administrator], [.auditor],
      ]
    )
    #expect(Set((shenyang + dalian).map(\.identityNumber)).count == 12)
    #expect(Set((shenyang + dalian).map(\.number)).count == 12)
  }
}

/// An uptime that a test moves.
final class SharedUptime: Sendable {
  private let instant = Mutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { instant.withLock { $0 } }
  func move(by duration: Duration) { instant.withLock { $0 += duration } }
}

@Suite("Knowing an authority", .database(accountsMigrations))
struct AuthorityTests {
  private func authority(_ code: Int32, on date: String) async throws -> Authority? {
    let day = try #require(CivilDate(date))
    let region = try #require(RegionCode(rawValue: code))
    return try await TestDatabase.ofSuite().withTransaction { transaction in
      try await Authorities(transaction).authority(region, on: day)
    }
  }

  @Test(
    "its name is that of the day",
    arguments: [
      (210_000, "辽宁省", "辽"), (210_100, "沈阳市", "沈"), (210_106, "沈阳市铁西区", "沈铁西"),
      (210_303, "鞍山市铁西区", "鞍铁西"), (211_324, "喀喇沁左翼蒙古族自治县", "朝喀左"), (211_481, "兴城市", "葫兴城"),
    ] as [(Int32, String, String)]
  )
  func names(code: Int32, place: String, shortName: String) async throws {
    let before = try #require(try await authority(code, on: "2018-10-31"))
    let after = try #require(try await authority(code, on: "2018-11-01"))
    #expect(before.name == place + "工商行政管理局")
    #expect(after.name == place + "市场监督管理局")
    #expect(before.shortName == shortName)
    #expect(after.shortName == shortName)
    #expect(before.creditCode != after.creditCode)
    #expect(after.creditCode.description.hasPrefix("11\(code)"))
  }

  @Test("there is none before 2017, nor of a placeholder")
  func none() async throws {
    #expect(try await authority(210_100, on: "2016-12-31") == nil)
    #expect(try await authority(210_100, on: "2017-01-01") != nil)
    #expect(try await authority(210_101, on: "2026-01-01") == nil)
  }

  @Test("the province, 14 cities and 100 county-level units have one each, with valid codes")
  func all() async throws {
    let rows = try await TestDatabase.ofSuite().query(
      "SELECT region_code, credit_code FROM accounts.authority WHERE valid_to IS NULL"
    )
    #expect(rows.count == 115)
    for row in rows {
      let (_, code) = try row.decode(Int32.self, String.self)
      #expect(UnifiedSocialCreditCode(code) != nil)
    }
  }
}
