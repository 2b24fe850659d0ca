internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf

/// A licence that was signed, and compared with what was to be signed.
struct SignedLicense {
  /// What a licence's signature is a signature of.
  static let messageName = Liaoning_Registry_V1_LicenseContent.protoMessageName

  /// The content.
  let content: Liaoning_Registry_V1_LicenseContent
  /// The serialized `LicenseFile`.
  let file: [UInt8]

  /// Signs a content that was found lawful, and compares.
  ///
  /// - Throws: `LicenseError.signingFailed`.
  init(_ content: Liaoning_Registry_V1_LicenseContent, by signer: LicenseSigner) throws {
    let bytes = try content.canonicalBytes()
    let signature = try signer.signature(over: bytes, as: Self.messageName)
    let file: [UInt8] = try Liaoning_Registry_V1_LicenseFile.with {
      $0.content = Data(bytes)
      $0.signature = signature
    }.serializedBytes()
    try self.init(content, comparedWith: file, by: signer)
  }

  /// Takes a file that reads back as the content and whose signature is the signer's.
  ///
  /// - Throws: `LicenseError.signingFailed`.
  init(
    _ content: Liaoning_Registry_V1_LicenseContent,
    comparedWith bytes: [UInt8],
    by signer: LicenseSigner
  ) throws(LicenseError) {
    guard
      let file = try? Liaoning_Registry_V1_LicenseFile(serializedBytes: bytes),
      let read = try? Liaoning_Registry_V1_LicenseContent(serializedBytes: file.content),
      read == content
    else { throw .signingFailed(.unreadable) }
    guard
      signer.flaw(of: file.signature, over: [UInt8](file.content), as: Self.messageName) == nil
    else { throw .signingFailed(.unverifiable) }
    self.content = content
    self.file = bytes
  }
}
