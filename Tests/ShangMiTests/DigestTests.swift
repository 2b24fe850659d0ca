internal import ShangMi
internal import Testing

@Suite("Hashing with SM3")
struct DigestTests {
  @Test(
    "the standard's examples come out",
    arguments: [
      ("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
      (
        String(repeating: "abcd", count: 16),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
      ),
    ]
  )
  func standardExamples(text: String, expected: String) {
    #expect(SM3.digest(text).hexadecimal == expected)
    #expect(SM3Digest(hashing: text.utf8).description == expected)
  }

  @Test("pieces hash as the whole does, wherever it is cut", arguments: [0, 1, 63, 64, 65, 200])
  func pieces(cut: Int) {
    let whole = (0..<200).map { UInt8($0) }
    var hash = SM3()
    hash.update(whole.prefix(cut))
    hash.update(whole.dropFirst(cut))
    #expect(hash.finalized() == SM3.digest(whole))
  }

  @Test("a copy goes on by itself, and finishing is not the end")
  func copies() {
    var first = SM3()
    first.update("a")
    var second = first
    second.update("bc")
    #expect(first.finalized() == SM3.digest("a"))
    #expect(second.finalized() == SM3.digest("abc"))
    first.update("bc")
    #expect(first.finalized() == second.finalized())
  }

  @Test("bytes that do not lie together hash the same")
  func scatteredBytes() {
    #expect(SM3.digest("abc".utf8.lazy.map { $0 }) == SM3.digest("abc"))
    #expect(SM3.digest([UInt8]()) == SM3.digest(""))
  }

  @Test("a digest is 32 bytes", arguments: [(31, false), (32, true), (33, false), (0, false)])
  func byteCount(count: Int, lawful: Bool) {
    #expect((SM3Digest(bytes: [UInt8](repeating: 7, count: count)) != nil) == lawful)
  }

  @Test("a digest reads its own hexadecimal digits, and nothing else")
  func hexadecimal() {
    let digest = SM3.digest("abc")
    #expect(SM3Digest(hexadecimal: digest.hexadecimal) == digest)
    #expect(SM3Digest(hexadecimal: digest.hexadecimal.uppercased()) == digest)
    #expect(SM3Digest(hexadecimal: String(digest.hexadecimal.dropLast())) == nil)
    #expect(SM3Digest(hexadecimal: digest.hexadecimal + "0") == nil)
    #expect(SM3Digest(hexadecimal: "g" + digest.hexadecimal.dropFirst()) == nil)
    #expect(SM3Digest(hexadecimal: "０" + digest.hexadecimal.dropFirst(3)) == nil)
  }

  @Test("SHA-256 is there for key pins (FIPS 180-4, B.1)")
  func sha256() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(sha256Digest("abc".utf8) == bytes(expected))
  }
}

@Suite("Keeping secrets")
struct SecretsTests {
  @Test("HMAC-SM3 agrees with Python's hmac over OpenSSL, for keys below and above a block")
  func hmac() {
    let fox = [UInt8]("The quick brown fox jumps over the lazy dog".utf8)
    #expect(
      hmacSM3(key: [UInt8]("key".utf8), message: fox)
        == bytes("bd4a34077888162b210645b8ebf74b9af357303789357a27c7fc457244ebd398")
    )
    #expect(
      hmacSM3(key: (0..<100).map { $0 }, message: [])
        == bytes("63da9f29b1c97d1440b90085eeeee118f0f67810ae44c8af6337be5df28c2ac5")
    )
    #expect(
      hmacSM3(key: [], message: [UInt8]("abc".utf8))
        == bytes("36525058ca466791502435c910517f1a7e86613d5f35ac1f18a94def0eaac81f")
    )
  }

  @Test("a key made ready gives the same code again, and judges codes")
  func preparedKey() {
    let key = HMACSM3(key: [1, 2, 3])
    let code = key.code(for: [4])
    #expect(code == key.code(for: [4]))
    #expect(key.isValid(code, for: [4]))
    #expect(!key.isValid(code, for: [5]))
    #expect(!key.isValid(Array(code.dropLast()), for: [4]))
    #expect(!HMACSM3(key: [1, 2]).isValid(code, for: [4]))
  }

  @Test("HMAC-SHA-256 gives the codes of RFC 4231")
  func hmacSHA256() {
    let jefe = HMACSHA256(key: [UInt8]("Jefe".utf8))
    let question = [UInt8]("what do ya want for nothing?".utf8)
    let code = bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(jefe.code(for: question) == code)
    #expect(jefe.isValid(code, for: question))
    #expect(!jefe.isValid(code, for: question + [0]))
    #expect(!jefe.isValid(Array(code.dropLast()), for: question))
    let long = HMACSHA256(key: [UInt8](repeating: 0xAA, count: 131))
    #expect(
      long.code(for: [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
        == bytes("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    )
  }

  @Test("a key's derived secret is the key's and the label's")
  func derivedSecret() throws {
    let scalar = [UInt8](repeating: 0, count: 31) + [7]
    let key = SigningKey.sm2(try SM2PrivateKey(rawScalar: scalar))
    let secret = try key.derivedSecret(for: "a use")
    #expect(secret == hmacSM3(key: scalar, message: [UInt8]("a use".utf8)))
    #expect(try SigningKey(pem: key.pem()).derivedSecret(for: "a use") == secret)
    #expect(try key.derivedSecret(for: "another use") != secret)
    #expect(try SigningKey(generating: .sm2).derivedSecret(for: "a use") != secret)
  }

  @Test("comparison in constant time compares")
  func comparison() {
    #expect(constantTimeEquals([], []))
    #expect(constantTimeEquals([1, 2], [1, 2]))
    #expect(!constantTimeEquals([1, 2], [1, 3]))
    #expect(!constantTimeEquals([1, 2], [1]))
  }

  @Test("random bytes come in the number asked for and do not repeat")
  func randomness() {
    #expect(secureRandomBytes(0).isEmpty)
    #expect(secureRandomBytes(33).count == 33)
    #expect(secureRandomBytes(32) != secureRandomBytes(32))
  }
}
