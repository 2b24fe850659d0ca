public import Foundation
internal import RegistryAPI
package import ShangMi

/// The private key with which an account signs; it never prints itself.
///
/// SM2 unless it was brought from elsewhere, where ECDSA on P-256 is allowed too.
public struct AccountKey: Sendable, CustomStringConvertible {
  let key: SigningKey

  /// Makes a new SM2 key.
  public init() {
    key = SigningKey(generating: .sm2)
  }

  /// Takes a key of the house.
  package init(_ key: SigningKey) {
    self.key = key
  }

  /// Reads a key from PEM: PKCS#8, plain or encrypted, or SEC 1.
  ///
  /// - Parameters:
  ///   - pem: The text, at most 1 MiB.
  ///   - passphrase: What opens it, if it is encrypted.
  /// - Throws: `KEY_UNUSABLE`.
  public init(pem: String, passphrase: String? = nil) throws(RegistryFailure) {
    do {
      key = try SigningKey(pem: pem, passphrase: passphrase)
    } catch {
      throw .keyUnusable("The key cannot be read: \(error)")
    }
  }

  /// Reads a key from a file of mode 0600, not a symbolic link.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - passphrase: What opens the key, if it is encrypted.
  /// - Throws: `KEY_UNUSABLE`.
  public init(file path: String, passphrase: String? = nil) throws(RegistryFailure) {
    do {
      key = try KeyFile.read(path, passphrase: passphrase)
    } catch {
      throw .keyUnusable("The key in \(path) cannot be used: \(error)")
    }
  }

  /// Writes the key to a new file of mode 0600, and waits until it is on the disk.
  ///
  /// - Parameters:
  ///   - path: Where; a file that exists is never overwritten.
  ///   - passphrase: If given, the key is encrypted under it: 8 to 1,024 bytes of UTF-8.
  /// - Throws: `KEY_UNUSABLE`.
  public func write(to path: String, passphrase: String? = nil) throws(RegistryFailure) {
    do {
      try KeyFile.write(key, to: path, passphrase: passphrase)
    } catch {
      throw .keyUnusable("The key cannot be written to \(path): \(error)")
    }
  }

  /// The public key: DER SubjectPublicKeyInfo, 91 bytes.
  public var publicKey: Data { Data(key.publicKey.der) }

  /// The SM3 of `publicKey` in hexadecimal digits, which names the key.
  public var fingerprint: String {
    key.publicKey.fingerprint.bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// The kind of key, never the key.
  public var description: String { "AccountKey(\(key.kind.rawValue))" }

  /// Signs bytes as they are.
  func signature(
    over bytes: [UInt8]
  ) throws(RegistryFailure) -> Liaoning_Registry_V1_DigitalSignature {
    var signature = Liaoning_Registry_V1_DigitalSignature()
    switch key.kind {
    case .sm2:
      signature.algorithm = .sm2WithSm3
      signature.distinguishingIdentifier = String(decoding: SM2.defaultID, as: UTF8.self)
    case .p256:
      signature.algorithm = .ecdsaP256Sha256
    }
    do {
      signature.value = Data(try key.sign(bytes))
    } catch {
      throw .keyUnusable("The key cannot sign: \(error)")
    }
    signature.publicKey = publicKey
    return signature
  }
}
