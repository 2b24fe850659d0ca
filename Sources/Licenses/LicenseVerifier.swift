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

  /// Examines the signature of a file that was shown.
  ///
  /// SM2 takes a quarter of a millisecond, so that it is reckoned beside the event loops, and not at
  /// all for what the register keeps under its seal.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - known: The register's own file of the same version, if there is one.
  /// - Returns: What is wrong with it; nothing if nothing is.
  func flaw(
    of file: Liaoning_Registry_V1_LicenseFile,
    besides known: StoredFile? = nil
  ) async -> Flaw? {
    if let known, known.says(file), isSealed(known) { return nil }
    return await signatureFlaw(of: file)
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
      let file = stored.file.file,
      let content = try? Liaoning_Registry_V1_LicenseContent(serializedBytes: file.content),
      content.face.creditCode == code, content.version == stored.number,
      content.serial == stored.serial
    else { return nil }
    if isSealed(stored.file) { return content }
    return await signatureFlaw(of: file) == nil ? content : nil
  }

  private func isSealed(_ stored: StoredFile) -> Bool {
    stored.seal.map { signer.hasSealed(stored.bytes, with: $0) } ?? false
  }

  private func signatureFlaw(of file: Liaoning_Registry_V1_LicenseFile) async -> Flaw? {
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
    case nil: return nil
    }
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
  /// What was signed.
  let file: StoredFile
}

/// A licence file as its row has it.
struct StoredFile: Sendable {
  /// The serialized `LicenseFile`.
  let bytes: [UInt8]
  /// Its seal, if it has one.
  let seal: [UInt8]?

  /// The file, if it can be read.
  var file: Liaoning_Registry_V1_LicenseFile? {
    try? Liaoning_Registry_V1_LicenseFile(serializedBytes: bytes)
  }

  /// Whether a file that was shown says the same, with the same signature; a printed one lacks its
  /// public key.
  func says(_ shown: Liaoning_Registry_V1_LicenseFile) -> Bool {
    guard let file else { return false }
    if shown == file { return true }
    guard shown.signature.publicKey.isEmpty else { return false }
    var complete = shown
    complete.signature.publicKey = file.signature.publicKey
    return complete == file
  }
}
