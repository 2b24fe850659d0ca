internal import Foundation
internal import ShangMi
internal import Testing

@Suite("Taking certificates back")
struct RevocationListTests {
  private static let noon = Date(timeIntervalSince1970: 1_772_424_000)
  private static let due = noon.addingTimeInterval(86_400)

  private static func authority(_ kind: KeyKind) throws -> CertificateAuthority {
    try CertificateAuthority(commonName: "root", keyKind: kind, notBefore: noon, notAfter: due)
  }

  @Test("a list says who made it, when, and what it takes back", arguments: [KeyKind.p256, .sm2])
  func contents(kind: KeyKind) throws {
    let authority = try Self.authority(kind)
    let certificate = try authority.issue(
      commonName: "partner",
      publicKey: SigningKey(generating: .p256).publicKey,
      notBefore: Self.noon,
      notAfter: Self.due
    )
    let entries = [
      RevocationList.Entry(serial: certificate.serial, revokeTime: Self.noon),
      RevocationList.Entry(serial: "00ff", revokeTime: Self.noon.addingTimeInterval(-1)),
    ]
    let made = try authority.revocationList(
      of: entries,
      number: 7,
      updateTime: Self.noon,
      nextUpdateTime: Self.due
    )
    for list in [made, try RevocationList(der: made.der)]
      + (try RevocationList.lists(in: Array((made.pem + made.pem).utf8)))
    {
      #expect(list == made)
      #expect(list.issuer == "CN=root")
      #expect(list.number == 7)
      #expect(list.updateTime == Self.noon)
      #expect(list.nextUpdateTime == Self.due)
      #expect(Set(list.entries.map(\.serial)) == [certificate.serial, "ff"])
      #expect(list.isSigned(by: authority.certificate.publicKey))
      #expect(try !list.isSigned(by: Self.authority(kind).certificate.publicKey))
    }
  }

  @Test("it proves something from when it was made until the next is due")
  func currency() throws {
    let list = try Self.authority(.p256).revocationList(
      of: [],
      number: 1,
      updateTime: Self.noon,
      nextUpdateTime: Self.due
    )
    #expect(list.entries.isEmpty)
    #expect(!list.isCurrent(at: Self.noon.addingTimeInterval(-1)))
    #expect(list.isCurrent(at: Self.noon))
    #expect(list.isCurrent(at: Self.due.addingTimeInterval(-1)))
    #expect(!list.isCurrent(at: Self.due))
  }

  @Test("what is no list is refused")
  func malformed() throws {
    let authority = try Self.authority(.p256)
    let list = try authority.revocationList(
      of: [],
      number: 1,
      updateTime: Self.noon,
      nextUpdateTime: Self.due
    )
    let contents: [[UInt8]] = [
      [], [0x30], Array("text".utf8), Array(list.der.dropLast()), list.der + [0],
      Array(list.pem.utf8.dropLast(60)), Array(authority.certificate.pem.utf8),
    ]
    for bytes in contents {
      #expect(throws: ShangMiError.self) { try RevocationList.lists(in: bytes) }
    }
    for serial in ["", "xyz", "12 "] {
      #expect(throws: ShangMiError.self) {
        try authority.revocationList(
          of: [.init(serial: serial, revokeTime: Self.noon)],
          number: 1,
          updateTime: Self.noon,
          nextUpdateTime: Self.due
        )
      }
    }
  }
}
