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

@Suite("Verifying a licence", .database(licensesMigrations))
struct VerifyingTests {
  private let office: Office

  private typealias Request = Liaoning_Registry_V1_VerifyLicenseRequest
  private typealias File = Liaoning_Registry_V1_LicenseFile
  private typealias Flaw = LicenseVerifier.Flaw

  init() async throws {
    office = try await Office(on: try TestDatabase.ofSuite())
  }

  private func verify(
    _ subject: Liaoning_Registry_V1_VerifyLicenseRequest.OneOf_Subject?,
    for purpose: String = "ACCOUNT_OPENING",
    as caller: Caller? = nil,
    at other: Office? = nil
  ) async throws -> Liaoning_Registry_V1_VerifyLicenseResponse {
    let office = other ?? office
    let request = Request.with {
      $0.subject = subject
      $0.purpose = purpose
    }
    return try await office.call(as: caller ?? office.bank()) {
      try await office.service.verifyLicense(request: request, context: $0)
    }
  }

  private func file(_ license: License) throws -> Liaoning_Registry_V1_LicenseFile {
    try File(serializedBytes: license.file)
  }

  /// What is said of a file that is not authentic: why, the status, and nothing of the file.
  private func flaw(
    of file: Liaoning_Registry_V1_LicenseFile,
    _ license: License
  ) async throws -> String {
    let reply = try await verify(.file(file))
    #expect(!reply.authentic)
    #expect(reply.status == .valid)
    #expect(!reply.currentVersion)
    #expect(reply.version == 0)
    #expect(reply.face == license.face)
    return reply.failure
  }

  @Test("the register's licence is authentic, valid and current, by code as by file")
  func genuine() async throws {
    let license = try await office.licensed()
    let code = license.creditCode.description
    for subject in [.creditCode(code), .file(try file(license))] as [Request.OneOf_Subject] {
      for _ in 1...2 {
        let reply = try await verify(subject)
        #expect(reply.authentic)
        #expect(reply.failure == "")
        #expect(reply.status == .valid)
        #expect(reply.currentVersion)
        #expect(reply.version == 1)
        #expect(reply.face == license.face)
        #expect(reply.verifyTime == tenOClock.timestamp)
      }
    }
  }

  @Test("a code may be typed with spaces and small letters")
  func typed() async throws {
    let license = try await office.licensed()
    let typed =
      " " + license.creditCode.description.lowercased().prefix(8) + "-"
      + license.creditCode.description.dropFirst(8)
    #expect(try await verify(.creditCode(typed)).authentic)
  }

  @Test("an older version is authentic and not current; the status is the current licence's")
  func superseded() async throws {
    let first = try await office.licensed()
    let second = try await office.reissued(first)
    let old = try await verify(.file(try file(first)))
    #expect(old.authentic)
    #expect(!old.currentVersion)
    #expect(old.version == 1)
    #expect(old.status == .valid)
    #expect(old.face == second.face)
    let new = try await verify(.file(try file(second)))
    #expect(new.authentic && new.currentVersion && new.version == 2)
    #expect(try await verify(.creditCode(first.creditCode.description)).version == 2)
  }

  @Test(
    "the next call sees a change of status; the file stays authentic",
    arguments: [
      (License.Status.revoked, Liaoning_Registry_V1_License.Status.revoked),
      (.cancelled, .cancelled),
    ]
  )
  func revoked(status: License.Status, told: Liaoning_Registry_V1_License.Status) async throws {
    let license = try await office.licensed()
    #expect(try await verify(.creditCode(license.creditCode.description)).status == .valid)
    try await office.move(license, to: status)
    for subject in [
      .creditCode(license.creditCode.description), .file(try file(license)),
    ] as [Request.OneOf_Subject] {
      let reply = try await verify(subject)
      #expect(reply.authentic && reply.currentVersion)
      #expect(reply.status == told)
    }
  }

  @Test("one altered byte anywhere is found out")
  func altered() async throws {
    let license = try await office.licensed()
    let genuine = try file(license)
    #expect(try await verify(.file(genuine)).authentic)
    var forged = genuine
    let name = try #require(genuine.content.firstRange(of: Data("软件开发".utf8)))
    forged.content[name.lowerBound + 2] ^= 1
    #expect(try await flaw(of: forged, license) == Flaw.signatureInvalid.rawValue)
    for index in genuine.content.indices {
      var forged = genuine
      forged.content[index] ^= 1
      do {
        let reply = try await verify(.file(forged))
        #expect(!reply.authentic)
      } catch let error as LicenseError {
        #expect(["LICENSE_REQUEST_INVALID", "LICENSE_NOT_FOUND"].contains(error.reason))
      }
    }
    forged = genuine
    forged.signature.value[forged.signature.value.endIndex - 1] ^= 1
    #expect(try await flaw(of: forged, license) == Flaw.signatureInvalid.rawValue)
  }

  @Test("another key's signature counts for nothing, whosever it says it is")
  func otherKey() async throws {
    let license = try await office.licensed()
    let content = try Liaoning_Registry_V1_LicenseContent(
      serializedBytes: try file(license).content
    )
    let stranger = LicenseSigner(key: SigningKey(generating: .sm2))
    var forged = try File(serializedBytes: try SignedLicense(content, by: stranger).file)
    #expect(try await flaw(of: forged, license) == Flaw.otherKey.rawValue)
    forged.signature.publicKey = Data(office.signer.publicKey.der)
    #expect(try await flaw(of: forged, license) == Flaw.signatureInvalid.rawValue)
    forged.signature.publicKey = Data()
    #expect(try await flaw(of: forged, license) == Flaw.signatureInvalid.rawValue)
  }

  @Test("a signature of another kind or purpose counts for nothing")
  func otherSignature() async throws {
    let license = try await office.licensed()
    let genuine = try file(license)
    var forged = genuine
    forged.signature.algorithm = .ecdsaP256Sha256
    #expect(try await flaw(of: forged, license) == Flaw.signatureMalformed.rawValue)
    forged = genuine
    forged.signature.distinguishingIdentifier = ""
    #expect(try await flaw(of: forged, license) == Flaw.signatureMalformed.rawValue)
    forged = genuine
    forged.clearSignature()
    #expect(try await flaw(of: forged, license) == Flaw.signatureMalformed.rawValue)
    forged = genuine
    forged.signature = try office.signer.signature(
      over: [UInt8](genuine.content),
      as: "liaoning.registry.v1.Volume"
    )
    #expect(try await flaw(of: forged, license) == Flaw.signatureInvalid.rawValue)
  }

  @Test("what the registry's key signed beside the register is no licence")
  func notInRegister() async throws {
    let license = try await office.licensed()
    var content = try Liaoning_Registry_V1_LicenseContent(
      serializedBytes: try file(license).content
    )
    content.face.responsiblePersonName = "钱冒名"
    for version in [1, 7] as [Int32] {
      content.version = version
      let forged = try File(serializedBytes: try SignedLicense(content, by: office.signer).file)
      #expect(try await flaw(of: forged, license) == Flaw.notInRegister.rawValue)
    }
  }

  @Test("licences signed by the registry's former key stay authentic")
  func formerKey() async throws {
    let license = try await office.licensed()
    let later = try await Office(
      on: office.surroundings.database,
      signer: LicenseSigner(
        key: SigningKey(generating: .sm2),
        formerKeys: [office.signer.publicKey]
      )
    )
    let code = license.creditCode.description
    #expect(try await verify(.creditCode(code), at: later).authentic)
    #expect(try await verify(.file(try file(license)), at: later).authentic)
    let stranger = try await Office(on: office.surroundings.database)
    let reply = try await verify(.creditCode(code), at: stranger)
    #expect(!reply.authentic)
    #expect(reply.failure == Flaw.registerFaulty.rawValue)
  }

  @Test("a register that was tampered with is found out")
  func spoiled() async throws {
    let license = try await office.licensed()
    let other = try await office.licensed()
    let genuine = try file(license)
    let code = license.creditCode.description
    #expect(try await verify(.creditCode(code)).authentic)
    var altered = license.file
    altered[altered.count / 2] ^= 1
    for file in [other.file, altered, [1, 2, 3]] {
      try await office.spoil(license, with: file)
      let reply = try await verify(.creditCode(code))
      #expect(!reply.authentic)
      #expect(!reply.hasFace)
      #expect(reply.failure == Flaw.registerFaulty.rawValue)
      #expect(reply.status == .valid)
      #expect(try await !verify(.file(genuine)).authentic)
    }
    try await office.spoil(license, with: license.file)
    #expect(try await verify(.creditCode(code)).authentic)
  }

  @Test("an unknown code is told as not found, by code as by file")
  func unknown() async throws {
    let code = "91210100XX0000019C"
    await expectReason("LICENSE_NOT_FOUND") { try await verify(.creditCode(code)) }
    let signed = try SignedLicense(try content(), by: office.signer).file
    await expectReason("LICENSE_NOT_FOUND") {
      try await verify(.file(try File(serializedBytes: signed)))
    }
  }

  @Test(
    "a malformed code is told as such",
    arguments: [
      "", "9121", "91210100XX0000019D", "91210100XX000001IC", "91210100XX0000019C9", "\0",
    ]
  )
  func malformed(code: String) async throws {
    let rules = await expectReason("LICENSE_REQUEST_INVALID") {
      try await verify(.creditCode(code))
    }
    #expect(rules == ["CREDIT_CODE_MALFORMED"])
  }

  @Test("what cannot be read is told as such, and so is nothing at all")
  func unreadable() async throws {
    let license = try await office.licensed()
    var truncated = try file(license)
    truncated.content.removeLast(40)
    var rules = await expectReason("LICENSE_REQUEST_INVALID") {
      try await verify(.file(truncated))
    }
    #expect(rules == ["FILE_UNREADABLE"])
    rules = await expectReason("LICENSE_REQUEST_INVALID") { try await verify(.file(File())) }
    #expect(rules == ["FILE_UNREADABLE"])
    var nameless = try file(license)
    var content = try content()
    content.face.creditCode = "91210100XX0000019D"
    nameless.content = Data(try content.canonicalBytes())
    rules = await expectReason("LICENSE_REQUEST_INVALID") { try await verify(.file(nameless)) }
    #expect(rules == ["CREDIT_CODE_MALFORMED"])
    rules = await expectReason("LICENSE_REQUEST_INVALID") { try await verify(nil, for: "") }
    #expect(rules == ["SUBJECT_MISSING", "PURPOSE_LENGTH_UNLAWFUL"])
  }

  @Test("a file has at most 64 KiB; 10 MB are refused unread")
  func size() async throws {
    let license = try await office.licensed()
    var large = try file(license)
    let rest = large.signature.value.count + large.signature.publicKey.count + 16
    // An unknown field 100 fills the content up: tag of two bytes, length of three.
    func filled(to size: Int) -> Liaoning_Registry_V1_LicenseFile {
      var filled = large
      let count = size - rest - large.content.count - 5
      filled.content += [0xA2, 0x06, UInt8(count & 127 | 128), UInt8(count >> 7 & 127 | 128)]
      filled.content += [UInt8(count >> 14)] + [UInt8](repeating: 0x61, count: count)
      return filled
    }
    #expect(try await flaw(of: filled(to: 65_536), license) == Flaw.signatureInvalid.rawValue)
    var rules = await expectReason("LICENSE_REQUEST_INVALID") {
      try await verify(.file(filled(to: 65_537)))
    }
    #expect(rules == ["FILE_TOO_LARGE"])
    large.content = Data(repeating: 0x61, count: 10_000_000)
    rules = await expectReason("LICENSE_REQUEST_INVALID") { try await verify(.file(large)) }
    #expect(rules == ["FILE_TOO_LARGE"])
  }

  @Test("a printed code verifies with the registry's key, and by the service")
  func compact() async throws {
    let license = try await office.licensed()
    let text = try CompactLicense(license).text
    #expect(text.utf8.count <= 2_300)
    let encoded = String(text.dropFirst("LNYZ1.".count)).replacing("-", with: "+").replacing(
      "_",
      with: "/"
    )
    let padded = encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
    let scanned = try File(serializedBytes: try #require(Data(base64Encoded: padded)))
    #expect(text.hasPrefix("LNYZ1."))
    #expect(scanned.signature.publicKey.isEmpty)
    #expect(
      office.signer.publicKey.isValidSignature(
        [UInt8](scanned.signature.value),
        over: SignedStatement.bytes(of: SignedLicense.messageName, [UInt8](scanned.content))
      )
    )
    #expect(try await verify(.file(scanned)).authentic)
  }
}
