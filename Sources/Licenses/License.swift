package import APIConventions
package import Foundation
package import RegistryAPI
package import Vocabulary

/// A business licence (营业执照) in one of its versions, as it was signed and as it stands now.
package struct License: Hashable, Sendable {
  /// Where a licence stands.
  ///
  /// Raw values are the SQL labels.
  package enum Status: String, CaseIterable, Sendable {
    /// In force.
    case valid
    /// A later version was issued.
    case superseded
    /// Revoked as a penalty (吊销).
    case revoked
    /// Cancelled (注销).
    case cancelled
  }

  /// The id of this version's row.
  package let id: RegionalID
  /// Whose it is: the entity's id within the same region.
  package let entityID: UUID
  /// The entity's unified social credit code.
  package let creditCode: UnifiedSocialCreditCode
  /// The licence identifier (GB/T 36904-2018).
  package let serial: String
  /// Which licence of the entity it is, from 1.
  package let number: Int32
  /// Where it stands.
  package let status: Status
  /// The filing whose approval it was issued by, `filings/{filing}`.
  package let filing: String
  /// When it was issued.
  package let issueTime: Date
  /// What stands on it: the face inside the signed content.
  package let face: Liaoning_Registry_V1_LicenseFace
  /// The serialized `LicenseFile`, as it was signed.
  package let file: [UInt8]
  /// Of the row: changes by one with every write, from 1.
  package let version: Int64

  /// `licenses/{credit_code}`.
  package var name: String { Self.name(of: creditCode) }

  /// The resource name of an entity's current licence.
  package static func name(of creditCode: UnifiedSocialCreditCode) -> String {
    "licenses/\(creditCode)"
  }
}
