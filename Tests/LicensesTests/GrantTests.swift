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

@Suite("Seals of the register's own files")
struct SealTests {
  private let signer = LicenseSigner(key: SigningKey(generating: .sm2))
  private let code = "91210100XX0000019C"
  private let genuine: Liaoning_Registry_V1_LicenseContent

  init() throws {
    genuine = try content()
  }

  private func stored(_ file: [UInt8], seal: [UInt8]?) -> StoredLicense {
    StoredLicense(
      number: 1,
      status: .valid,
      serial: genuine.serial,
      file: StoredFile(bytes: file, seal: seal)
    )
  }

  /// A file of the right content whose signature is nobody's.
  private func unsigned() throws -> [UInt8] {
    var file = try Liaoning_Registry_V1_LicenseFile(
      serializedBytes: try SignedLicense(genuine, by: signer).file
    )
    file.signature.value[file.signature.value.endIndex - 1] ^= 1
    return try file.serializedBytes()
  }

  @Test("a seal is the key's over these bytes alone")
  func seal() throws {
    let seal = try #require(signer.seal(of: [1, 2, 3]))
    #expect(seal.count == 32)
    #expect(signer.hasSealed([1, 2, 3], with: seal))
    #expect(!signer.hasSealed([1, 2, 4], with: seal))
    #expect(!signer.hasSealed([1, 2, 3], with: []))
    #expect(LicenseSigner(key: signer.key).hasSealed([1, 2, 3], with: seal))
    let stranger = LicenseSigner(key: SigningKey(generating: .sm2))
    #expect(!stranger.hasSealed([1, 2, 3], with: seal))
  }

  @Test("without a seal that counts, the signature is verified")
  func without() async throws {
    let verifier = LicenseVerifier(signer: signer)
    let file = try SignedLicense(genuine, by: signer).file
    let stranger = LicenseSigner(key: SigningKey(generating: .sm2))
    for seal in [nil, stranger.seal(of: file), signer.seal(of: [])] {
      #expect(await verifier.content(of: stored(file, seal: seal), code) == genuine)
      let forged = stored(try unsigned(), seal: seal)
      #expect(await verifier.content(of: forged, code) == nil)
    }
  }

  @Test("under its seal a file's signature is not reckoned again")
  func under() async throws {
    let verifier = LicenseVerifier(signer: signer)
    let file = try unsigned()
    let sealed = stored(file, seal: signer.seal(of: file))
    #expect(await verifier.content(of: sealed, code) == genuine)
    let shown = try Liaoning_Registry_V1_LicenseFile(serializedBytes: file)
    #expect(await verifier.flaw(of: shown) == .signatureInvalid)
    #expect(await verifier.flaw(of: shown, besides: sealed.file) == nil)
    var printed = shown
    printed.signature.publicKey = Data()
    #expect(await verifier.flaw(of: printed, besides: sealed.file) == nil)
    printed.content.append(0)
    #expect(await verifier.flaw(of: printed, besides: sealed.file) == .signatureInvalid)
  }
}
