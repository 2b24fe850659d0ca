internal import ShangMi
internal import Testing

/// The example of GB/T 32918.5-2017, Annex A.
private enum Example {
  static let scalar = bytes("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
  static let px = "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
  static let py = "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
  static let point = bytes("04" + px + py)
  static let message = [UInt8]("message digest".utf8)
  static let z = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
  static let e = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
  static let signature = bytes(
    "3046"
      + "022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
      + "022100B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
  )
}

@Suite("Signing with SM2")
struct SM2Tests {
  @Test("the standard's private number gives the standard's point")
  func publicPoint() throws {
    let key = try SM2PrivateKey(rawScalar: Example.scalar)
    #expect(key.publicKey.uncompressedPoint == Example.point)
    #expect(try SM2PublicKey(uncompressedPoint: Example.point) == key.publicKey)
  }

  @Test("the standard's signature verifies, with the default id and no other")
  func standardSignature() throws {
    let key = try SM2PublicKey(uncompressedPoint: Example.point)
    #expect(key.isValidSignature(Example.signature, over: Example.message))
    #expect(
      key.isValidSignature(
        Example.signature,
        over: Example.message,
        id: [UInt8]("1234567812345678".utf8)
      )
    )
    #expect(
      !key.isValidSignature(Example.signature, over: Example.message, id: [UInt8]("1".utf8))
    )
    #expect(!key.isValidSignature(Example.signature, over: Example.message, id: []))
  }

  @Test("Z and e are the standard's")
  func intermediateDigests() {
    let curve = bytes(
      """
      FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
      28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
      32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
      BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
      """
    )
    let z = SM3.digest([0x00, 0x80] + SM2.defaultID + curve + Example.point.dropFirst())
    #expect(z.hexadecimal == Example.z)
    #expect(SM3.digest(z.bytes + Example.message).hexadecimal == Example.e)
  }

  @Test("what we sign verifies, and no two signatures are alike")
  func roundTrip() throws {
    let key = SM2PrivateKey()
    let first = try key.sign(Example.message)
    let second = try key.sign(Example.message)
    #expect(first != second)
    #expect(key.publicKey.isValidSignature(first, over: Example.message))
    #expect(key.publicKey.isValidSignature(second, over: Example.message))
    #expect(!key.publicKey.isValidSignature(first, over: Example.message + [0]))
    #expect(!SM2PrivateKey().publicKey.isValidSignature(first, over: Example.message))
    #expect(key.publicKey.isValidSignature(try key.sign([]), over: []))
  }

  @Test("a signature of the openssl command verifies only if it set the id")
  func otherImplementation() throws {
    let key = try SM2PublicKey(pem: Fixtures.examplePublicKeyPEM)
    #expect(key.isValidSignature(bytes(Fixtures.signature), over: Example.message))
    let withEmptyID = bytes(Fixtures.signatureWithEmptyID)
    #expect(!key.isValidSignature(withEmptyID, over: Example.message))
  }

  @Test("an id of its own must be the same on both sides")
  func ownID() throws {
    let key = SM2PrivateKey()
    let alice = [UInt8]("ALICE123@YAHOO.COM".utf8)
    let signature = try key.sign(Example.message, id: alice)
    #expect(key.publicKey.isValidSignature(signature, over: Example.message, id: alice))
    #expect(!key.publicKey.isValidSignature(signature, over: Example.message))
  }

  @Test(
    "an id has 1 to 8,190 bytes",
    arguments: [(0, false), (1, true), (8_190, true), (8_191, false)]
  )
  func idLength(count: Int, lawful: Bool) throws {
    let key = SM2PrivateKey()
    let id = [UInt8](repeating: 0x41, count: count)
    if lawful {
      let signature = try key.sign(Example.message, id: id)
      #expect(key.publicKey.isValidSignature(signature, over: Example.message, id: id))
    } else {
      #expect(throws: ShangMiError.distinguishingIDLengthUnlawful(byteCount: count)) {
        try key.sign(Example.message, id: id)
      }
    }
  }

  @Test("any flipped bit spoils a signature")
  func flippedBits() throws {
    let key = try SM2PublicKey(uncompressedPoint: Example.point)
    for index in Example.signature.indices {
      var damaged = Example.signature
      damaged[index] ^= 1
      #expect(!key.isValidSignature(damaged, over: Example.message), "byte \(index)")
    }
  }

  @Test("a signature is DER and nothing else")
  func strictSignature() throws {
    let key = try SM2PublicKey(uncompressedPoint: Example.point)
    let raw = Array(Example.signature[5..<37]) + Array(Example.signature[40...])
    #expect(!key.isValidSignature(raw, over: Example.message))
    #expect(!key.isValidSignature(Example.signature + [0], over: Example.message))
    #expect(!key.isValidSignature([], over: Example.message))
    #expect(!key.isValidSignature([0x30, 6, 2, 1, 0, 2, 1, 0], over: Example.message))
  }

  @Test("a private number has 32 bytes and lies between 1 and n - 2")
  func scalarRange() throws {
    let order = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D541"
    #expect(throws: Never.self) { try SM2PrivateKey(rawScalar: bytes(order + "21")) }
    for unlawful in [order + "22", order + "23", String(repeating: "00", count: 32)] {
      #expect(throws: ShangMiError.self) { try SM2PrivateKey(rawScalar: bytes(unlawful)) }
    }
    #expect(throws: ShangMiError.self) {
      try SM2PrivateKey(rawScalar: Array(Example.scalar.dropLast()))
    }
  }

  @Test("a point off the curve, at infinity or of another length is no key")
  func unlawfulPoints() {
    var offCurve = Example.point
    offCurve[64] ^= 1
    for point in [offCurve, [0], Array(Example.point.dropLast()), Example.point + [0]] {
      #expect(throws: ShangMiError.self) { try SM2PublicKey(uncompressedPoint: point) }
    }
  }
}

@Suite("Signing with P-256")
struct P256Tests {
  private let message = [UInt8]("message digest".utf8)

  @Test("what we sign verifies, and nothing else does")
  func roundTrip() throws {
    let key = P256PrivateKey()
    let signature = try key.sign(message)
    #expect(key.publicKey.isValidSignature(signature, over: message))
    #expect(!key.publicKey.isValidSignature(signature, over: message + [0]))
    #expect(!P256PrivateKey().publicKey.isValidSignature(signature, over: message))
    #expect(!key.publicKey.isValidSignature(signature + [0], over: message))
  }

  @Test("a signature of the openssl command verifies")
  func otherImplementation() throws {
    let key = try P256PublicKey(pem: Fixtures.p256PublicKeyPEM)
    #expect(key.isValidSignature(bytes(Fixtures.p256Signature), over: message))
  }

  @Test("the private number of RFC 6979, A.2.5, gives its point")
  func publicPoint() throws {
    let key = try P256PrivateKey(
      rawScalar: bytes("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
    )
    #expect(
      key.publicKey.uncompressedPoint
        == bytes(
          """
          04
          60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6
          7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299
          """
        )
    )
  }
}
