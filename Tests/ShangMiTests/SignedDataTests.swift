internal import ShangMi
internal import Testing

@Suite("Signing messages as GB/T 35275 lays down")
struct SignedDataTests {
  private static let content = [UInt8]("沈阳星澜软件有限公司 营业执照".utf8)

  private static func message(detached: Bool) throws -> SignedData {
    try SignedData(
      signing: content,
      key: SM2PrivateKey(pem: Fixtures.exampleKeyPEM),
      certificate: Certificate(pem: Fixtures.leafPEM),
      detached: detached
    )
  }

  @Test("a message by another implementation verifies, with and without its content")
  func otherImplementation() throws {
    let attached = try SignedData(der: bytes(base64: Fixtures.attachedBase64))
    #expect(attached.content == Self.content)
    #expect(try attached.verify().map(\.serial) == ["7f01"])
    let detached = try SignedData(der: bytes(base64: Fixtures.detachedBase64))
    #expect(detached.content == nil)
    #expect(try detached.verify(detachedContent: Self.content).map(\.serial) == ["7f01"])
  }

  @Test("what we write is read back and verifies", arguments: [true, false])
  func roundTrip(detached: Bool) throws {
    let message = try Self.message(detached: detached)
    let read = try SignedData(der: message.der)
    #expect(read == message)
    let content = detached ? Self.content : nil
    let signers = try read.verify(detachedContent: content)
    #expect(signers == [try Certificate(pem: Fixtures.leafPEM)])
    try signers[0].verify(roots: [Certificate(pem: Fixtures.rootPEM)], at: midway)
  }

  @Test("another content, a missing one or a second one is refused")
  func otherContent() throws {
    let detached = try Self.message(detached: true)
    #expect(throws: ShangMiError.contentMismatch) { try detached.verify() }
    #expect(throws: ShangMiError.signatureInvalid) {
      try detached.verify(detachedContent: Self.content + [0])
    }
    let attached = try Self.message(detached: false)
    #expect(throws: ShangMiError.contentMismatch) { try attached.verify(detachedContent: [1]) }
    #expect(throws: Never.self) { try attached.verify(detachedContent: Self.content) }
  }

  @Test("a key that is not the certificate's cannot sign for it")
  func otherKey() throws {
    #expect(throws: ShangMiError.keyDoesNotMatchCertificate) {
      try SignedData(
        signing: Self.content,
        key: SM2PrivateKey(),
        certificate: Certificate(pem: Fixtures.leafPEM),
        detached: true
      )
    }
  }

  @Test("16 certificates travel with a message, 17 do not", arguments: [(15, true), (16, false)])
  func certificateLimit(intermediates: Int, lawful: Bool) throws {
    let root = try Certificate(pem: Fixtures.rootPEM)
    let make = {
      try SignedData(
        signing: Self.content,
        key: SM2PrivateKey(pem: Fixtures.exampleKeyPEM),
        certificate: Certificate(pem: Fixtures.leafPEM),
        intermediates: [Certificate](repeating: root, count: intermediates),
        detached: true
      )
    }
    if lawful {
      #expect(try SignedData(der: make().der).certificates.count == 16)
    } else {
      #expect(throws: ShangMiError.self) { try make() }
    }
  }

  @Test("cut short anywhere, or made longer, it is refused")
  func truncation() throws {
    let der = try Self.message(detached: false).der
    for length in 0..<der.count {
      #expect(throws: ShangMiError.self) { try SignedData(der: Array(der.prefix(length))) }
    }
    #expect(throws: ShangMiError.self) { try SignedData(der: der + [0]) }
  }

  @Test("no changed byte gives a message that verifies with another content or signer")
  func everyByteCounts() throws {
    let message = try Self.message(detached: false)
    let der = message.der
    for index in der.indices {
      for mask in [UInt8(0x01), 0x80, 0xFF] {
        var damaged = der
        damaged[index] ^= mask
        guard
          let read = try? SignedData(der: damaged),
          let signers = try? read.verify()
        else { continue }
        #expect(read.content == Self.content, "byte \(index)")
        #expect(
          signers.allSatisfy { $0.publicKey == message.certificates[0].publicKey },
          "byte \(index)"
        )
      }
    }
  }

  @Test("authenticated attributes, revocation lists and other types are refused by name")
  func refusals() throws {
    let der = try Self.message(detached: true).der
    // The signer's algorithm becomes a context tag 0 where attributes would stand.
    let attributed = replaced(
      der,
      bytes("300B06092A811CCF5501822D01"),
      with: bytes("A00B06092A811CCF5501822D01")
    )
    #expect(reason(attributed)?.contains("authenticated attributes") == true)
    let otherType = replaced(
      der,
      bytes("060A2A811CCF550601040202"),
      with: bytes("060A2A811CCF550601040203")
    )
    #expect(reason(otherType)?.contains("not signedData") == true)
    let otherContent = replaced(
      der,
      bytes("060A2A811CCF550601040201"),
      with: bytes("060A2A811CCF550601040204")
    )
    #expect(reason(otherContent)?.contains("not of type data") == true)
    let otherDigest = replaced(
      der,
      bytes("06082A811CCF55018311"),
      with: bytes("06082A811CCF55018312")
    )
    #expect(reason(otherDigest)?.contains("not SM3") == true)
    let otherAlgorithm = replaced(
      der,
      bytes("06092A811CCF5501822D01"),
      with: bytes("06092A811CCF5501822D02")
    )
    #expect(reason(otherAlgorithm)?.contains("not SM2") == true)
    // The signers' set becomes a context tag 1 where revocation lists would stand.
    let listed = replaced(der, bytes("3181"), with: bytes("A181"))
    #expect(reason(listed)?.contains("revocation lists") == true)
  }

  @Test(
    "what DER forbids is refused: indefinite, idle and huge lengths, long tags, nonsense",
    arguments: ["3080", "308100", "30820010", "3084FFFFFFFF", "3085FFFFFFFFFF", "1F8101", "30", ""]
  )
  func unlawfulDER(text: String) {
    #expect(throws: ShangMiError.self) { try SignedData(der: bytes(text)) }
  }

  private func replaced(_ der: [UInt8], _ old: [UInt8], with new: [UInt8]) -> [UInt8] {
    var result = der
    for start in der.indices.dropLast(old.count - 1)
    where Array(der[start..<start + old.count]) == old {
      result.replaceSubrange(start..<start + old.count, with: new)
    }
    return result
  }

  private func reason(_ der: [UInt8]) -> String? {
    do {
      _ = try SignedData(der: der)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
