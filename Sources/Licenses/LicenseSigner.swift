internal import APIConventions
internal import Accounts
internal import Foundation
package import RegistryAPI
package import ShangMi
internal import SwiftProtobuf

/// The registry's own key: what signs licences, and what tells its signatures from others'.
package struct LicenseSigner: Sendable {
  /// The key that signs now; SM2, or it signs nothing.
  package let key: SigningKey
  /// Keys that signed before, oldest first: what they signed stays authentic.
  package let formerKeys: [VerifyingKey]
  private let sealing: HMACSHA256?

  /// A signer.
  ///
  /// - Parameters:
  ///   - key: The key that signs now.
  ///   - formerKeys: Keys that signed before.
  package init(key: SigningKey, formerKeys: [VerifyingKey] = []) {
    self.key = key
    self.formerKeys = formerKeys
    sealing = (try? key.derivedSecret(for: Self.sealLabel)).map(HMACSHA256.init)
  }

  /// What the secret of seals is derived for.
  package static let sealLabel = "liaoning.registry.v1.LicenseFile seal"

  /// The seal of a licence file: what only the holder of the signing key can reckon, at once.
  ///
  /// It never leaves the database; what others verify is the signature.
  ///
  /// - Parameter file: The serialized `LicenseFile`, whose signature was made or verified just now.
  /// - Returns: 32 bytes; nothing if libcrypto doesn't hand out the key.
  package func seal(of file: [UInt8]) -> [UInt8]? {
    sealing?.code(for: file)
  }

  /// Whether a seal is the file's, under the key that signs now.
  ///
  /// - Parameters:
  ///   - file: The serialized `LicenseFile`.
  ///   - seal: The seal.
  /// - Returns: Whether it is.
  package func hasSealed(_ file: [UInt8], with seal: [UInt8]) -> Bool {
    sealing?.isValid(seal, for: file) ?? false
  }

  /// The public half of the key that signs now.
  package var publicKey: VerifyingKey { key.publicKey }

  /// Signs a statement.
  ///
  /// - Parameters:
  ///   - statement: The serialized message.
  ///   - messageName: The full name of its type.
  /// - Returns: The signature with all that its verification needs.
  /// - Throws: `LicenseError.signingFailed` if the key is not SM2, or libcrypto fails.
  package func signature(
    over statement: [UInt8],
    as messageName: String
  ) throws(LicenseError) -> Liaoning_Registry_V1_DigitalSignature {
    guard key.kind == .sm2 else { throw .signingFailed(.keyNotSM2) }
    let value: [UInt8]
    do {
      value = try key.sign(SignedStatement.bytes(of: messageName, statement))
    } catch {
      throw .signingFailed(.noSignature)
    }
    return .with {
      $0.algorithm = key.algorithm.proto
      $0.distinguishingIdentifier = String(decoding: SM2.defaultID, as: UTF8.self)
      $0.value = Data(value)
      $0.publicKey = Data(publicKey.der)
    }
  }

  /// What is wrong with a signature that is said to be the registry's; nothing if nothing is.
  ///
  /// A signature without a public key, as a printed code carries it, is tried with every key.
  ///
  /// - Parameters:
  ///   - signature: The signature.
  ///   - statement: The serialized message.
  ///   - messageName: The full name of its type.
  /// - Returns: The flaw, if there is one.
  package func flaw(
    of signature: Liaoning_Registry_V1_DigitalSignature,
    over statement: [UInt8],
    as messageName: String
  ) -> SignatureFlaw? {
    let keys = [publicKey] + formerKeys
    let candidates =
      signature.publicKey.isEmpty
      ? keys : keys.filter { $0.der.elementsEqual(signature.publicKey) }
    guard !candidates.isEmpty else { return .otherKey }
    var isReadable = false
    for candidate in candidates {
      var complete = signature
      complete.publicKey = Data(candidate.der)
      guard let detached = DetachedSignature(complete) else { continue }
      isReadable = true
      if detached.signs(statement, as: messageName) { return nil }
    }
    return isReadable ? .invalid : .malformed
  }
}

/// Why a signature is not the registry's over a statement.
package enum SignatureFlaw: Hashable, Sendable {
  /// Algorithm, identifier or value are none of the registry's.
  case malformed
  /// It is said to be of a key that the registry never had.
  case otherKey
  /// The registry's key did not sign these bytes.
  case invalid
}
