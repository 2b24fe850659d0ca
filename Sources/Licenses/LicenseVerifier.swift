internal import RegistryAPI
internal import SwiftProtobuf

/// Tells authentic licence files from others.
struct LicenseVerifier: Sendable {
  /// Why a file is not authentic; raw values are what the caller is told.
  enum Flaw: String, Error, CaseIterable {
    /// The signature is none of the registry's kind.
    case signatureMalformed = "The signature is malformed, or not made by SM2 with SM3."
    /// The key is none that the registry has or had.
    case otherKey = "The file is signed by a key that is not the registry's."
    /// The signature is not over this content.
    case signatureInvalid =
      "The registry's key did not sign this content: it was changed, or forged."
    /// The content is signed, but not by this name in the register.
    case notInRegister = "The content is not the one that the register keeps of this version."
    /// What the register keeps is itself not as it was signed.
    case registerFaulty = "The register's own copy does not verify. The registry has to examine it."
  }

  /// The keys that count.
  let signer: LicenseSigner
  /// The files found authentic before.
  let cache: VerdictCache

  /// Examines a file's signature.
  ///
  /// SM2 takes a quarter of a millisecond, so that it is reckoned beside the event loops, and once for
  /// each file.
  ///
  /// - Parameter file: The file.
  /// - Returns: What is wrong with it; nothing if nothing is.
  /// - Throws: Only if the file cannot be serialized.
  func flaw(of file: Liaoning_Registry_V1_LicenseFile) async throws -> Flaw? {
    await flaw(of: file, serialized: try file.serializedBytes())
  }

  private func flaw(
    of file: Liaoning_Registry_V1_LicenseFile,
    serialized bytes: [UInt8]
  ) async -> Flaw? {
    let fingerprint = cache.fingerprint(of: bytes)
    if cache.contains(fingerprint) { return nil }
    let signer = signer
    let flaw = await withTaskExecutorPreference(globalConcurrentExecutor) {
      signer.flaw(
        of: file.signature,
        over: [UInt8](file.content),
        as: SignedLicense.messageName
      )
    }
    switch flaw {
    case .malformed: return .signatureMalformed
    case .otherKey: return .otherKey
    case .invalid: return .signatureInvalid
    case nil:
      cache.insert(fingerprint)
      return nil
    }
  }

  /// Examines the register's own copy of a version: signed by the registry, and of this row.
  ///
  /// - Parameters:
  ///   - stored: The row.
  ///   - code: The credit code that it was found by.
  /// - Returns: The content; nothing if the row is not what was signed.
  func content(
    of stored: StoredLicense,
    _ code: String
  ) async -> Liaoning_Registry_V1_LicenseContent? {
    guard
      let file = try? Liaoning_Registry_V1_LicenseFile(serializedBytes: stored.file),
      let content = try? Liaoning_Registry_V1_LicenseContent(serializedBytes: file.content),
      content.face.creditCode == code, content.version == stored.number,
      content.serial == stored.serial,
      await flaw(of: file, serialized: stored.file) == nil
    else { return nil }
    return content
  }
}

/// The current version of a licence as its row has it, for a verification.
struct StoredLicense: Sendable {
  /// The version, from 1.
  let number: Int32
  /// Where it stands.
  let status: License.Status
  /// The licence identifier.
  let serial: String
  /// The serialized `LicenseFile`.
  let file: [UInt8]
}
