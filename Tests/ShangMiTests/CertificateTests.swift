internal import Foundation
internal import ShangMi
internal import Testing

@Suite("Reading certificates")
struct CertificateReadingTests {
  @Test("a certificate of the openssl command says what it was told to say")
  func fields() throws {
    let leaf = try Certificate(pem: Fixtures.leafPEM)
    #expect(leaf.subjectCommonName == "沈阳星澜软件有限公司")
    #expect(leaf.subject == "CN=沈阳星澜软件有限公司")
    #expect(leaf.issuer == "CN=商密测试根,O=测试机构,C=CN")
    #expect(leaf.serial == "7f01")
    #expect(leaf.subjectAlternativeNames.dnsNames == ["a.example", "b.example"])
    #expect(leaf.subjectAlternativeNames.ipAddresses == ["192.0.2.1", "2001:db8:0:0:0:0:0:1"])
    #expect(leaf.subjectAlternativeNames.uris == ["registry://partners/bank"])
    #expect(leaf.publicKey == (try VerifyingKey(pem: Fixtures.examplePublicKeyPEM)))
    #expect(leaf.spkiSHA256 == sha256Digest(leaf.publicKey.der))
    #expect(!leaf.isAuthority)
    #expect(leaf.pem == Fixtures.leafPEM + "\n")
    #expect(try Certificate(der: leaf.der) == leaf)
    let root = try Certificate(pem: Fixtures.rootPEM)
    #expect(root.isAuthority)
    #expect(root.serial == "a1b2c3")
    #expect(root.subjectAlternativeNames.dnsNames.isEmpty)
  }

  @Test("its signature and chain verify, which needs the id on every certificate")
  func chain() throws {
    let leaf = try Certificate(pem: Fixtures.leafPEM)
    let root = try Certificate(pem: Fixtures.rootPEM)
    #expect(leaf.isSigned(by: root.publicKey))
    #expect(root.isSigned(by: root.publicKey))
    #expect(!leaf.isSigned(by: SigningKey(generating: .sm2).publicKey))
    #expect(!leaf.isSigned(by: SigningKey(generating: .p256).publicKey))
    #expect(throws: Never.self) { try leaf.verify(roots: [root], at: midway) }
    #expect(throws: ShangMiError.self) { try leaf.verify(roots: [], at: midway) }
  }

  @Test("a bundle is read in order; text around it is passed over")
  func bundle() throws {
    let text = "root\n" + Fixtures.rootPEM + "\nleaf\n" + Fixtures.leafPEM + "\n"
    let certificates = try Certificate.certificates(pem: text)
    #expect(certificates.map(\.serial) == ["a1b2c3", "7f01"])
    #expect(try Certificate.certificates(pem: "nothing").isEmpty)
    #expect(throws: ShangMiError.self) { try Certificate(pem: "nothing") }
  }

  @Test("damage is refused, wherever it is: truncated, extended, not a certificate")
  func damage() throws {
    let der = try Certificate(pem: Fixtures.leafPEM).der
    for length in 0..<der.count {
      #expect(throws: ShangMiError.self) { try Certificate(der: Array(der.prefix(length))) }
    }
    #expect(throws: ShangMiError.self) { try Certificate(der: der + [0]) }
    let damagedText = Fixtures.leafPEM.replacingOccurrences(of: "MII", with: "MI!")
    #expect(throws: ShangMiError.self) { try Certificate(pem: damagedText) }
  }

  @Test("a byte changed anywhere makes it unreadable or not the issuer's")
  func everyByteCounts() throws {
    let der = try Certificate(pem: Fixtures.leafPEM).der
    let root = try Certificate(pem: Fixtures.rootPEM)
    for index in der.indices {
      var damaged = der
      damaged[index] ^= 0x01
      guard let certificate = try? Certificate(der: damaged) else { continue }
      #expect(!certificate.isSigned(by: root.publicKey), "byte \(index)")
    }
  }
}

@Suite("Issuing certificates")
struct CertificateIssuingTests {
  private static func authority(_ kind: KeyKind) throws -> CertificateAuthority {
    try CertificateAuthority(
      commonName: "根 \(kind.rawValue)",
      keyKind: kind,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
  }

  @Test(
    "an authority issues to any kind of key, and the chain verifies",
    arguments: KeyKind.allCases,
    KeyKind.allCases
  )
  func issuing(authorityKind: KeyKind, kind: KeyKind) throws {
    let authority = try Self.authority(authorityKind)
    let key = SigningKey(generating: kind)
    let certificate = try authority.issue(
      commonName: "沈阳市市场监督管理局",
      organization: "辽宁省",
      publicKey: key.publicKey,
      dnsNames: ["registry.example"],
      ipAddresses: ["127.0.0.1", "::1"],
      uris: ["registry://authorities/210100"],
      serverAuth: true,
      clientAuth: true,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    #expect(certificate.subjectCommonName == "沈阳市市场监督管理局")
    #expect(certificate.subject == "CN=沈阳市市场监督管理局,O=辽宁省")
    #expect(certificate.issuer == authority.certificate.subject)
    #expect(certificate.notBefore == yearsEarlier)
    #expect(certificate.notAfter == yearsLater)
    #expect(certificate.subjectAlternativeNames.dnsNames == ["registry.example"])
    #expect(certificate.subjectAlternativeNames.ipAddresses == ["127.0.0.1", "0:0:0:0:0:0:0:1"])
    #expect(certificate.subjectAlternativeNames.uris == ["registry://authorities/210100"])
    #expect(certificate.publicKey == key.publicKey)
    #expect(certificate.isSigned(by: authority.certificate.publicKey))
    for purpose in [CertificatePurpose.any, .tlsClient, .tlsServer] {
      try certificate.verify(roots: [authority.certificate], at: midway, purpose: purpose)
    }
  }

  @Test("a chain goes through an intermediate, if it is at hand", arguments: KeyKind.allCases)
  func intermediates(kind: KeyKind) throws {
    let root = try Self.authority(kind)
    let middle = try root.subordinate(
      commonName: "中级",
      keyKind: kind,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    let leaf = try middle.issue(
      commonName: "叶",
      publicKey: SigningKey(generating: kind).publicKey,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    try leaf.verify(
      roots: [root.certificate],
      intermediates: [middle.certificate],
      at: midway
    )
    #expect(throws: ShangMiError.self) { try leaf.verify(roots: [root.certificate], at: midway) }
    // Below the intermediate no further authority may stand.
    let lower = try middle.subordinate(
      commonName: "下级",
      keyKind: kind,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    let deep = try lower.issue(
      commonName: "深",
      publicKey: SigningKey(generating: kind).publicKey,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    #expect(throws: ShangMiError.self) {
      try deep.verify(
        roots: [root.certificate],
        intermediates: [middle.certificate, lower.certificate],
        at: midway
      )
    }
  }

  @Test("a certificate counts from its first second until its end")
  func validity() throws {
    let authority = try Self.authority(.p256)
    let first = midway
    let end = midway.addingTimeInterval(60)
    let last = end.addingTimeInterval(-1)
    let certificate = try authority.issue(
      commonName: "短",
      publicKey: SigningKey(generating: .p256).publicKey,
      notBefore: first,
      notAfter: end
    )
    let roots = [authority.certificate]
    #expect(throws: Never.self) { try certificate.verify(roots: roots, at: first) }
    #expect(throws: Never.self) { try certificate.verify(roots: roots, at: last) }
    for outside in [first.addingTimeInterval(-1), end] {
      #expect(throws: ShangMiError.self) { try certificate.verify(roots: roots, at: outside) }
      #expect(!certificate.isValid(at: outside))
    }
    #expect(certificate.isValid(at: first) && certificate.isValid(at: last))
  }

  @Test("a certificate serves only the purposes it names")
  func purposes() throws {
    let authority = try Self.authority(.p256)
    let client = try authority.issue(
      commonName: "客",
      publicKey: SigningKey(generating: .p256).publicKey,
      clientAuth: true,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    let roots = [authority.certificate]
    try client.verify(roots: roots, at: midway, purpose: .tlsClient)
    #expect(throws: ShangMiError.self) {
      try client.verify(roots: roots, at: midway, purpose: .tlsServer)
    }
  }

  @Test(
    "a certificate of another authority of the same name is not trusted",
    arguments: KeyKind.allCases
  )
  func impostor(kind: KeyKind) throws {
    let genuine = try Self.authority(kind)
    let impostor = try Self.authority(kind)
    let leaf = try impostor.issue(
      commonName: "假",
      publicKey: SigningKey(generating: kind).publicKey,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    #expect(throws: ShangMiError.self) { try leaf.verify(roots: [genuine.certificate], at: midway) }
    // A subject may not issue either, even if it has its key.
    let key = SigningKey(generating: kind)
    let subject = try genuine.issue(
      commonName: "叶",
      publicKey: key.publicKey,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    #expect(throws: ShangMiError.notAnAuthority) {
      try CertificateAuthority(certificate: subject, key: key)
    }
    #expect(throws: ShangMiError.keyDoesNotMatchCertificate) {
      try CertificateAuthority(certificate: genuine.certificate, key: key)
    }
  }

  @Test("an authority survives PEM", arguments: KeyKind.allCases)
  func authorityRoundTrip(kind: KeyKind) throws {
    let authority = try Self.authority(kind)
    let copy = try CertificateAuthority(
      pem: authority.certificate.pem,
      keyPEM: authority.keyPEM()
    )
    let leaf = try copy.issue(
      commonName: "叶",
      publicKey: SigningKey(generating: kind).publicKey,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    try leaf.verify(roots: [authority.certificate], at: midway)
  }

  @Test(
    "unlawful names are refused",
    arguments: ["", String(repeating: "长", count: 65), "a\0b"]
  )
  func unlawfulCommonName(name: String) throws {
    let authority = try Self.authority(.p256)
    #expect(throws: ShangMiError.self) {
      try authority.issue(
        commonName: name,
        publicKey: authority.certificate.publicKey,
        notBefore: yearsEarlier,
        notAfter: yearsLater
      )
    }
  }

  @Test("64 characters are a lawful name")
  func longestCommonName() throws {
    let name = String(repeating: "长", count: 64)
    let authority = try CertificateAuthority(
      commonName: name,
      keyKind: .p256,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    #expect(authority.certificate.subjectCommonName == name)
  }

  @Test("alternative names are single, visible ASCII; addresses are addresses")
  func unlawfulAlternativeNames() throws {
    let authority = try Self.authority(.p256)
    let issue = { (dns: [String], addresses: [String], uris: [String]) in
      try authority.issue(
        commonName: "叶",
        publicKey: authority.certificate.publicKey,
        dnsNames: dns,
        ipAddresses: addresses,
        uris: uris,
        notBefore: yearsEarlier,
        notAfter: yearsLater
      )
    }
    #expect(throws: ShangMiError.self) { try issue(["例.example"], [], []) }
    #expect(throws: ShangMiError.self) { try issue(["a example"], [], []) }
    #expect(throws: ShangMiError.self) { try issue([""], [], []) }
    #expect(throws: ShangMiError.self) { try issue([], ["300.1.1.1"], []) }
    #expect(throws: ShangMiError.self) { try issue([], [], ["registry://a\0b"]) }
    // A comma starts no second name, as it would in libcrypto's textual form.
    let certificate = try issue(["a.example,DNS:b.example"], [], [])
    #expect(certificate.subjectAlternativeNames.dnsNames == ["a.example,DNS:b.example"])
  }

  @Test("a validity that ends before it begins is refused")
  func unlawfulValidity() {
    #expect(throws: ShangMiError.self) {
      try CertificateAuthority(
        commonName: "根",
        keyKind: .p256,
        notBefore: midway,
        notAfter: midway
      )
    }
  }
}

@Suite("Requesting certificates")
struct CertificateRequestTests {
  @Test("a request proves its key and is issued to", arguments: KeyKind.allCases)
  func roundTrip(kind: KeyKind) throws {
    let key = SigningKey(generating: kind)
    let request = try CertificateSigningRequest(commonName: "大连明澈咨询有限公司", key: key)
    let read = try CertificateSigningRequest(pem: request.pem)
    #expect(read == request)
    #expect(read.commonName == "大连明澈咨询有限公司")
    let authority = try CertificateAuthority(
      commonName: "根",
      keyKind: kind,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    let certificate = try authority.issue(
      read,
      clientAuth: true,
      notBefore: yearsEarlier,
      notAfter: yearsLater
    )
    #expect(certificate.publicKey == key.publicKey)
    #expect(certificate.subjectCommonName == "大连明澈咨询有限公司")
    try certificate.verify(roots: [authority.certificate], at: midway, purpose: .tlsClient)
  }

  @Test("a request of the openssl command is read")
  func otherImplementation() throws {
    let request = try CertificateSigningRequest(pem: Fixtures.requestPEM)
    #expect(request.commonName == "沈阳星澜软件有限公司")
    #expect(request.publicKey == (try VerifyingKey(pem: Fixtures.examplePublicKeyPEM)))
  }

  @Test("a byte changed anywhere spoils a request")
  func everyByteCounts() throws {
    let der = try CertificateSigningRequest(pem: Fixtures.requestPEM).der
    for index in der.indices {
      var damaged = der
      damaged[index] ^= 0x01
      #expect(throws: ShangMiError.self, "byte \(index)") {
        try CertificateSigningRequest(der: damaged)
      }
    }
    #expect(throws: ShangMiError.self) { try CertificateSigningRequest(der: der + [0]) }
  }
}
