internal import Foundation
internal import ShangMi
internal import Testing

@Suite("Reading and writing keys")
struct KeyTests {
  private let message = [UInt8]("message digest".utf8)

  @Test("a key survives PEM, plain and encrypted", arguments: KeyKind.allCases)
  func roundTrip(kind: KeyKind) throws {
    let key = SigningKey(generating: kind)
    let plain = try SigningKey(pem: key.pem())
    let encrypted = try SigningKey(
      pem: key.encryptedPEM(passphrase: "correct horse"),
      passphrase: "correct horse"
    )
    for copy in [plain, encrypted] {
      #expect(copy.kind == kind)
      #expect(copy.publicKey == key.publicKey)
      let signature = try copy.sign(message)
      #expect(key.publicKey.isValidSignature(signature, over: message))
    }
    #expect(key.algorithm == kind.signatureAlgorithm)
  }

  @Test("a public key survives DER and PEM", arguments: KeyKind.allCases)
  func publicRoundTrip(kind: KeyKind) throws {
    let key = SigningKey(generating: kind).publicKey
    #expect(key.der.count == 91)
    #expect(try VerifyingKey(der: key.der) == key)
    #expect(try VerifyingKey(pem: key.pem) == key)
    #expect(key.fingerprint == SM3.digest(key.der))
    #expect(throws: ShangMiError.self) { try VerifyingKey(der: key.der + [0]) }
    #expect(throws: ShangMiError.self) { try VerifyingKey(der: Array(key.der.dropLast())) }
    #expect(throws: ShangMiError.self) { try VerifyingKey(der: []) }
  }

  @Test("keys that the openssl command wrote are read")
  func otherImplementation() throws {
    let key = try SM2PrivateKey(pem: Fixtures.exampleKeyPEM)
    #expect(key.publicKey.pem == Fixtures.examplePublicKeyPEM + "\n")
    let opened = try SM2PrivateKey(
      pem: Fixtures.encryptedKeyPEM,
      passphrase: "corrient-bateau"
    )
    #expect(opened.publicKey == key.publicKey)
    #expect(try key.pem() == Fixtures.exampleKeyPEM + "\n")
  }

  @Test("an encrypted key without its passphrase, or with another, is refused as such")
  func passphrases() throws {
    #expect(throws: ShangMiError.passphraseMissing) {
      try SigningKey(pem: Fixtures.encryptedKeyPEM)
    }
    #expect(throws: ShangMiError.passphraseWrong) {
      try SigningKey(pem: Fixtures.encryptedKeyPEM, passphrase: "corrient-chateau")
    }
    #expect(throws: ShangMiError.passphraseWrong) {
      try SigningKey(
        pem: Fixtures.encryptedKeyPEM,
        passphrase: String(repeating: "x", count: 5_000)
      )
    }
  }

  @Test(
    "a passphrase has 8 to 1,024 bytes",
    arguments: [(7, false), (8, true), (1_024, true), (1_025, false)]
  )
  func passphraseLength(count: Int, lawful: Bool) throws {
    let key = SM2PrivateKey()
    let passphrase = String(repeating: "p", count: count)
    if lawful {
      let pem = try key.encryptedPEM(passphrase: passphrase)
      #expect(pem.contains("BEGIN ENCRYPTED PRIVATE KEY"))
      #expect(try SM2PrivateKey(pem: pem, passphrase: passphrase).publicKey == key.publicKey)
    } else {
      #expect(throws: ShangMiError.passphraseLengthUnlawful(byteCount: count)) {
        try key.encryptedPEM(passphrase: passphrase)
      }
    }
  }

  @Test("a key of another kind is refused")
  func otherKinds() throws {
    let p256 = try P256PrivateKey().pem()
    #expect(throws: ShangMiError.wrongKeyKind(expected: "SM2")) { try SM2PrivateKey(pem: p256) }
    #expect(throws: ShangMiError.wrongKeyKind(expected: "P-256")) {
      try P256PublicKey(pem: Fixtures.examplePublicKeyPEM)
    }
    #expect(throws: ShangMiError.wrongKeyKind(expected: "SM2 or P-256")) {
      try VerifyingKey(pem: Fixtures.rsaPublicKeyPEM)
    }
  }

  @Test("what is no key is refused", arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\n!"])
  func noKey(text: String) {
    #expect(throws: ShangMiError.self) { try SigningKey(pem: text) }
    #expect(throws: ShangMiError.self) { try VerifyingKey(pem: text) }
  }

  @Test("a key printed, dumped or thrown shows no secret")
  func nothingLeaks() throws {
    let key = try SM2PrivateKey(pem: Fixtures.exampleKeyPEM)
    var dumped = ""
    dump(SigningKey.sm2(key), to: &dumped)
    dumped += "\(key) \(String(reflecting: SigningKey.sm2(key)))"
    #expect(!dumped.lowercased().contains("3945208f"))
    #expect(!dumped.contains("PRIVATE"))
    // The first bytes of the private number, as an array would print them.
    #expect(!dumped.contains("57, 69, 32, 143"))
  }
}

@Suite("Guarding key files")
struct KeyFileTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/key-files-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  @Test("a key written is a file of mode 0600 and is read back")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let key = SigningKey(generating: .sm2)
    try KeyFile.write(key, to: folder + "/plain.pem")
    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/plain.pem")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try KeyFile.read(folder + "/plain.pem").publicKey == key.publicKey)
    try KeyFile.write(key, to: folder + "/sealed.pem", passphrase: "correct horse")
    #expect(throws: ShangMiError.passphraseMissing) { try KeyFile.read(folder + "/sealed.pem") }
    let opened = try KeyFile.read(folder + "/sealed.pem", passphrase: "correct horse")
    #expect(opened.publicKey == key.publicKey)
  }

  @Test("a file that exists is never overwritten")
  func noOverwriting() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/key.pem"
    let first = SigningKey(generating: .p256)
    try KeyFile.write(first, to: path)
    let failure = ShangMiError.keyFileFailed(path: path, operation: "create", errno: EEXIST)
    #expect(failure.description == "cannot create key file \(path): File exists")
    #expect(throws: failure) {
      try KeyFile.write(SigningKey(generating: .p256), to: path)
    }
    #expect(try KeyFile.read(path).publicKey == first.publicKey)
  }

  @Test(
    "a file that group or others may touch is refused",
    arguments: [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o610, false)]
  )
  func modes(mode: Int, lawful: Bool) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/key.pem"
    try KeyFile.write(SigningKey(generating: .p256), to: path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    if lawful {
      #expect(throws: Never.self) { try KeyFile.read(path) }
    } else {
      let error = #expect(throws: ShangMiError.self) { try KeyFile.read(path) }
      #expect(error?.description.contains("chmod 600") == true)
    }
  }

  @Test("a link, a folder, an empty file and a missing one are refused")
  func notAFile() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try KeyFile.write(SigningKey(generating: .p256), to: folder + "/key.pem")
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/link.pem",
      withDestinationPath: folder + "/key.pem"
    )
    #expect(
      FileManager.default.createFile(
        atPath: folder + "/empty.pem",
        contents: nil,
        attributes: [.posixPermissions: 0o600]
      )
    )
    for name in ["/link.pem", "", "/empty.pem", "/missing.pem"] {
      #expect(throws: ShangMiError.self, "\(name)") { try KeyFile.read(folder + name) }
    }
  }
}
