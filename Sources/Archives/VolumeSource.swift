internal import Accounts
internal import Entities
internal import Filings
internal import Foundation
internal import Ledger
internal import RegistryAPI
internal import Signatures

/// What the rooms know of a completed filing, all read at one moment.
struct VolumeSource: Sendable {
  /// The filing, completed.
  let filing: Filing
  /// The applicant's name, as the account has it.
  let applicant: String
  /// Its content with every number in full.
  let content: Liaoning_Registry_V1_FilingContent
  /// Its papers with their PDFs, in the order of their kinds.
  let documents: [FiledDocument]
  /// How many signatures the papers ask for.
  let signatureCount: Int
  /// The signatures.
  let evidence: [SignatureEvidence]
  /// What staff recorded; nothing if the review knows nothing.
  let review: Liaoning_Registry_V1_Review?
  /// The entity as it stands in the register.
  let entity: Entity
  /// The licence's signed file; nothing if none was issued.
  let license: Liaoning_Registry_V1_LicenseFile?
  /// What happened, in the order of time.
  let trail: [TrailEvent]
  /// The authority that keeps the volume, as it was called on the day of the decision.
  let authority: Authority
  /// The same authority, as it was called on the day of the acceptance.
  let acceptingAuthority: Authority
  /// How many volumes the archive has.
  let volumeCount: Int
}

extension DocumentKind {
  /// The paper's number in the list of the domain: D1, D2, D3, D13.
  var paperNumber: String {
    switch self {
    case .application: "D1"
    case .charter: "D2"
    case .appointment: "D3"
    case .foundersMinutes: "D13"
    }
  }

  /// Where the paper lies in a package.
  var path: String { "01-application/\(paperNumber).pdf" }
}
