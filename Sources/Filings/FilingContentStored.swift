internal import Accounts
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

// Content is judged once, when a request brings it. What is read back is taken as it was written: only
// its numbers, codes and days are read again, because they are types of their own.
extension FilingContent {
  /// The content as it is stored, numbers in full.
  func storedBytes() throws -> [UInt8] {
    try proto(masked: false).serializedBytes()
  }

  /// Reads stored content.
  ///
  /// - Throws: `StoredValueUnknown` or SwiftProtobuf's error if it is not content that was ever written.
  init(stored bytes: [UInt8]) throws {
    try self.init(stored: Liaoning_Registry_V1_FilingContent(serializedBytes: bytes))
  }

  private init(stored proto: Liaoning_Registry_V1_FilingContent) throws {
    self.init(
      entityType: try known(EntityType(proto.entityType)),
      domicileRegion: try known(RegionCode(proto.domicileRegionCode)),
      domicile: proto.domicile,
      scopeItems: try proto.scopeItems.map { item in
        ScopeItem(text: item.text, industryClass: try known(IndustryClass(item.industryClass)))
      },
      liaison: try PersonRecord(stored: proto.liaison),
      details: try Details(stored: proto),
      termEndDate: try CivilDate.stored(proto.termEndDate)
    )
  }
}

extension FilingContent.Details {
  fileprivate init(stored proto: Liaoning_Registry_V1_FilingContent) throws {
    switch proto.details {
    case .company(let company): self = .company(try CompanyDetails(stored: company))
    case .cooperative(let cooperative):
      self = .cooperative(
        CooperativeDetails(
          members: try cooperative.members.map(Contributor.init(stored:)),
          legalRepresentative: try PersonRecord(stored: cooperative.legalRepresentative),
          charterText: cooperative.charterText
        )
      )
    case .individualBusiness(let business):
      self = .individualBusiness(try IndividualBusinessDetails(stored: business))
    case nil: throw StoredValueUnknown()
    }
  }
}

extension CompanyDetails {
  fileprivate init(stored proto: Liaoning_Registry_V1_CompanyDetails) throws {
    self.init(
      registeredCapitalFen: proto.registeredCapitalFen,
      shareholders: try proto.shareholders.map(Contributor.init(stored:)),
      legalRepresentative: try PersonRecord(stored: proto.legalRepresentative),
      directors: try proto.directors.map(PersonRecord.init(stored:)),
      supervisors: try proto.supervisors.map(PersonRecord.init(stored:)),
      manager: proto.hasManager ? try PersonRecord(stored: proto.manager) : nil,
      charterText: proto.charterText
    )
  }
}

extension IndividualBusinessDetails {
  fileprivate init(stored proto: Liaoning_Registry_V1_IndividualBusinessDetails) throws {
    let form: Form? =
      switch proto.form {
      case .personal: .personal
      case .family: .family
      case .unspecified, .UNRECOGNIZED: nil
      }
    self.init(
      form: try known(form),
      operator: try PersonRecord(stored: proto.operator),
      familyMembers: try proto.familyMembers.map(PersonRecord.init(stored:))
    )
  }
}

extension Contributor {
  fileprivate init(stored proto: Liaoning_Registry_V1_Contributor) throws {
    self.init(
      party: try PartyRecord(stored: proto.party),
      contributionFen: proto.contributionFen,
      dueDate: try CivilDate.stored(proto.dueDate),
      isFarmer: proto.farmer
    )
  }
}

extension CivilDate {
  /// A day that was written, or none.
  fileprivate static func stored(_ text: String) throws -> CivilDate? {
    text.isEmpty ? nil : try known(CivilDate(text))
  }
}

/// A value that must be one of those this program writes.
///
/// - Throws: `StoredValueUnknown` if there is none.
func known<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw StoredValueUnknown() }
  return value
}

/// A row holds a value that this program never wrote.
struct StoredValueUnknown: Error {}
