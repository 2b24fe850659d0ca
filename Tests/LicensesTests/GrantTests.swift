internal import APIConventions
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Licenses

@Suite("Verifying under a partner's grant", .database(licensesMigrations))
struct GrantTests {
  private let office: Office

  init() async throws {
    office = try await Office(on: try TestDatabase.ofSuite())
  }

  private func verify(
    _ code: String,
    for purpose: String,
    as caller: Caller
  ) async throws -> Liaoning_Registry_V1_VerifyLicenseResponse {
    let request = Liaoning_Registry_V1_VerifyLicenseRequest.with {
      $0.creditCode = code
      $0.purpose = purpose
    }
    return try await office.call(as: caller) {
      try await office.service.verifyLicense(request: request, context: $0)
    }
  }

  @Test("a purpose that the grant does not name is refused before anything is read")
  func purpose() async throws {
    let license = try await office.licensed()
    for code in [license.creditCode.description, "91210100XX0000019C"] {
      await expectReason("LICENSE_PURPOSE_NOT_GRANTED") {
        try await verify(code, for: "MARKETING", as: office.bank())
      }
    }
    let bank = office.bank(purposes: ["A", String(repeating: "B", count: 40)])
    let code = license.creditCode.description
    for purpose in ["A", String(repeating: "B", count: 40)] {
      #expect(try await verify(code, for: purpose, as: bank).authentic)
    }
    for purpose in ["", String(repeating: "B", count: 41)] {
      let rules = await expectReason("LICENSE_REQUEST_INVALID") {
        try await verify(code, for: purpose, as: bank)
      }
      #expect(rules == ["PURPOSE_LENGTH_UNLAWFUL"])
    }
  }

  @Test("fields beyond the grant are left out", arguments: LicenseFaceField.allCases)
  func fields(field: LicenseFaceField) async throws {
    let code = try await office.licensed(type: field == .compositionForm ? "9500" : "1130")
      .creditCode.description
    let whole = try await verify(code, for: "CHECK", as: office.staff).face
    let shown = try await verify(
      code,
      for: "ACCOUNT_OPENING",
      as: office.bank(fields: [field.rawValue, "identity_number"])
    ).face
    var expected = Liaoning_Registry_V1_LicenseFace()
    field.copy(from: whole, to: &expected)
    #expect(shown == expected)
    #expect(shown != Liaoning_Registry_V1_LicenseFace())
    #expect(shown != whole)
  }

  @Test("the fields of a grant are those of the proto")
  func names() throws {
    let license = try content(type: "9500").face
    var whole = license
    whole.capitalFen = 1
    whole.termEndDate = "2046-11-20"
    #expect(whole.showing(Set(LicenseFaceField.allCases.map(\.rawValue))) == whole)
    #expect(whole.showing([]) == Liaoning_Registry_V1_LicenseFace())
  }

  @Test("staff sees all for any purpose; accounts and strangers may not ask")
  func others() async throws {
    let license = try await office.licensed()
    let code = license.creditCode.description
    #expect(try await verify(code, for: "SUPERVISION", as: office.staff).face == license.face)
    let account = try await office.account(of: Person.anyone())
    for caller in [account, .anonymous] {
      await expectReason("CALLER_NOT_PERMITTED") {
        try await verify(code, for: "ACCOUNT_OPENING", as: caller)
      }
    }
  }
}

@Suite("Remembering authentic files")
struct VerdictCacheTests {
  @Test("a file is known once it was remembered, another never")
  func remembers() {
    let cache = VerdictCache(limit: 100)
    let fingerprint = cache.fingerprint(of: [1, 2, 3])
    #expect(!cache.contains(fingerprint))
    cache.insert(fingerprint)
    cache.insert(fingerprint)
    #expect(cache.contains(cache.fingerprint(of: [1, 2, 3])))
    #expect(!cache.contains(cache.fingerprint(of: [1, 2, 4])))
    #expect(cache.count == 1)
  }

  @Test("it grows to its limit, and no further")
  func bounded() {
    let cache = VerdictCache(limit: 16_384)
    let prints = (0..<60_000).map { number in
      cache.fingerprint(of: [UInt8(number & 255), UInt8(number >> 8 & 255), UInt8(number >> 16)])
    }
    for fingerprint in prints.prefix(6_000) { cache.insert(fingerprint) }
    #expect(prints.prefix(6_000).filter(cache.contains).count > 5_500)
    for fingerprint in prints { cache.insert(fingerprint) }
    #expect(cache.count <= 16_384)
    #expect(cache.count > 15_000)
    #expect(prints.filter(cache.contains).count == cache.count)
    #expect(prints.suffix(100).filter(cache.contains).count == 100)
  }

  @Test("two processes know a file by different marks")
  func secret() {
    let (one, another) = (VerdictCache(limit: 1), VerdictCache(limit: 1))
    #expect(one.fingerprint(of: [1]) != another.fingerprint(of: [1]))
  }

  @Test("forgeries are never remembered, authentic files once")
  func verifier() async throws {
    let signer = LicenseSigner(key: SigningKey(generating: .sm2))
    let verifier = LicenseVerifier(signer: signer, cache: VerdictCache(limit: 16))
    let bytes = try SignedLicense(try content(), by: signer).file
    let genuine = try Liaoning_Registry_V1_LicenseFile(serializedBytes: bytes)
    var forged = genuine
    forged.content.append(0)
    for _ in 1...2 {
      #expect(try await verifier.flaw(of: forged) == .signatureInvalid)
      #expect(verifier.cache.count == 0)
    }
    for _ in 1...2 {
      #expect(try await verifier.flaw(of: genuine) == nil)
      #expect(verifier.cache.count == 1)
    }
  }
}
