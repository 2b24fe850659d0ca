internal import Vocabulary

/// The reference code (档号) of a volume, for instance `L101-DJ·QY-91210100XX0000019C-2026-Y-001`.
///
/// Fonds, category and class, entity, year, retention, volume, joined by `-`, parts of one level by
/// `·`. The fonds number is `L` and the middle digits of the authority's region. No legal basis was
/// found for the letters of the category and for the retention: both are configuration, permanent by
/// default.
///
/// Source: DA/T 13-2022.
struct ReferenceCode: Hashable, Sendable, CustomStringConvertible {
  /// What an authority's archivists decide.
  struct Scheme: Hashable, Sendable {
    /// The category of registration archives, two letters.
    let category: String
    /// The retention: `Y` permanent, `D30`, `D10`.
    let retention: String

    /// Category `DJ`, kept for good.
    static let permanent = Scheme(category: "DJ", retention: "Y")
  }

  /// What the authority's archivists decided.
  let scheme: Scheme
  /// The authority that keeps it.
  let authority: RegionCode
  /// The type of the entity.
  let entityType: EntityType
  /// Which volume of which entity.
  let volume: VolumeName
  /// The year of the decision, in Shenyang.
  let year: Int

  /// The fonds number (全宗号), 4 characters.
  var fonds: String { "L" + authority.description.dropFirst().prefix(3) }

  /// The class of the entity: `QY` enterprise, `GT` individual business, `NZ` cooperative.
  var entityClass: String {
    switch entityType.entityClass {
    case .individualBusiness: "GT"
    case .farmersCooperative: "NZ"
    case .limitedLiabilityCompany, .jointStockCompany, .nonCompanyLegalPerson, .soleProprietorship,
      .partnership, .branch, .other:
      "QY"
    }
  }

  /// The code.
  var description: String {
    [
      fonds, "\(scheme.category)·\(entityClass)", volume.creditCode.description, String(year),
      scheme.retention, volume.digits,
    ].joined(separator: "-")
  }
}
