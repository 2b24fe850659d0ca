internal import Filings
internal import Ledger
internal import Licenses
internal import Signatures
internal import Vocabulary

/// What a volume must hold and how large it may be; pure.
///
/// Source: GB/T 42727-2023; DA/T 70-2018; plan of 2017, 四(三)2.
enum ArchiveRules {
  /// How large a volume may be.
  struct Limits: Hashable, Sendable {
    /// The most bytes of a package.
    var bytes: Int
    /// The most events of a filing that a package tells of.
    var events: Int

    /// 64 MiB and 50,000 events.
    ///
    /// A cooperative of 500 members signs about 1,000 times; of the 256 KiB that a signature may have,
    /// handwriting takes 1 to 20, so that such a volume has 5 to 25 MiB; each time it signs anew adds
    /// 4,000 events.
    static let standard = Limits(bytes: 64 << 20, events: 50_000)
  }

  /// The forms that an item may have: what opens without its maker's program.
  enum Form: String, CaseIterable, Sendable {
    /// A paper.
    case pdf = "application/pdf"
    /// Data as text.
    case json = "application/json"
    /// Bytes that were signed, as they were signed.
    case protobuf = "application/x-protobuf"
  }

  /// The items that every volume of an establishment holds.
  ///
  /// Source: plan of 2017, 四(三)2; `domain.md` 7.4.
  static let requiredPaths =
    [
      BusinessRecord.path, ProcessRecord.path, AgentsRecord.path, "01-application/content.pb",
      "01-application/content.json", SignaturesRecord.path, "03-review/review.pb",
      "03-review/review.json", "04-result/license.pb", "04-result/license.json",
      RegisterRecord.path,
    ] + VolumeNotice.Kind.allCases.map(\.path)

  /// The papers that a filing of an entity type must have.
  ///
  /// Source: Implementing Rules for the Regulations on the Registration of Market Entities, art. 25, 26.
  static func requiredPapers(of type: EntityType) -> [DocumentKind] {
    switch type.entityClass {
    case .individualBusiness: [.application]
    case .farmersCooperative: [.application, .charter, .appointment, .foundersMinutes]
    case .limitedLiabilityCompany, .jointStockCompany, .nonCompanyLegalPerson, .soleProprietorship,
      .partnership, .branch, .other:
      [.application, .charter, .appointment]
    }
  }

  /// The steps that the trace of a finished filing tells of: acceptance, examination, approval, issue.
  ///
  /// Source: DA/T 70-2018, completeness of process records.
  static let requiredSteps = [
    EventKind.filingCreated.rawValue, EventKind.filingPrepared.rawValue,
    EventKind.filingSubmitted.rawValue, EventKind.filingAccepted.rawValue,
    EventKind.filingExamined.rawValue, EventKind.filingCompleted.rawValue, "entity.established",
    EventKind.licenseIssued.rawValue,
  ]
}
