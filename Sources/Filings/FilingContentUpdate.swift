internal import APIConventions
internal import Accounts
internal import RegistryAPI
internal import Vocabulary

/// Changes of content by `update_mask` (AIP-161).
enum FilingContentUpdate {
  typealias Content = Liaoning_Registry_V1_FilingContent

  /// The content after an update.
  ///
  /// A masked number of a reply that comes back unchanged stands for the number it hides, so that
  /// whoever reads, changes and writes need not know the numbers of others.
  ///
  /// - Parameters:
  ///   - stored: The content as it is, unmasked.
  ///   - sent: The content of the request.
  ///   - paths: The mask's paths; none means `content`.
  /// - Returns: The merged content.
  /// - Throws: `FilingError.requestInvalid` if a path is unknown.
  static func merged(
    _ stored: Content,
    with sent: Content,
    paths: [String]
  ) throws(FilingError) -> Content {
    let unknown = paths.filter { $0 != "content" && fields[$0] == nil }
    guard unknown.isEmpty else {
      throw .requestInvalid(
        unknown.prefix(40).map { path in
          Violation(
            field: "update_mask",
            rule: "MASK_PATH_UNKNOWN",
            description: "未知的字段路径：\(path.prefix(100))。"
          )
        }
      )
    }
    let revealed = Unmasking(stored).unmasked(sent)
    if paths.isEmpty || paths.contains("content") { return revealed }
    var merged = stored
    // A path of details comes before the paths below it.
    for path in paths.sorted() { fields[path]?(&merged, revealed) }
    return merged
  }

  private typealias Change = @Sendable (inout Content, Content) -> Void

  /// What each path of a mask replaces.
  private static let fields: [String: Change] = [
    "content.entity_type": { $0.entityType = $1.entityType },
    "content.domicile_region_code": { $0.domicileRegionCode = $1.domicileRegionCode },
    "content.domicile": { $0.domicile = $1.domicile },
    "content.scope_items": { $0.scopeItems = $1.scopeItems },
    "content.term_end_date": { $0.termEndDate = $1.termEndDate },
    "content.liaison": { $0.liaison = $1.liaison },
    "content.liaison.full_name": { $0.liaison.fullName = $1.liaison.fullName },
    "content.liaison.identity_number": { $0.liaison.identityNumber = $1.liaison.identityNumber },
    "content.liaison.mobile_number": { $0.liaison.mobileNumber = $1.liaison.mobileNumber },
    "content.company": { $0.company = $1.company },
    "content.company.registered_capital_fen": {
      $0.company.registeredCapitalFen = $1.company.registeredCapitalFen
    },
    "content.company.shareholders": { $0.company.shareholders = $1.company.shareholders },
    "content.company.legal_representative": {
      $0.company.legalRepresentative = $1.company.legalRepresentative
    },
    "content.company.directors": { $0.company.directors = $1.company.directors },
    "content.company.supervisors": { $0.company.supervisors = $1.company.supervisors },
    "content.company.manager": {
      if $1.company.hasManager {
        $0.company.manager = $1.company.manager
      } else {
        $0.company.clearManager()
      }
    },
    "content.company.charter_text": { $0.company.charterText = $1.company.charterText },
    "content.cooperative": { $0.cooperative = $1.cooperative },
    "content.cooperative.members": { $0.cooperative.members = $1.cooperative.members },
    "content.cooperative.legal_representative": {
      $0.cooperative.legalRepresentative = $1.cooperative.legalRepresentative
    },
    "content.cooperative.charter_text": { $0.cooperative.charterText = $1.cooperative.charterText },
    "content.individual_business": { $0.individualBusiness = $1.individualBusiness },
    "content.individual_business.form": {
      $0.individualBusiness.form = $1.individualBusiness.form
    },
    "content.individual_business.operator": {
      $0.individualBusiness.operator = $1.individualBusiness.operator
    },
    "content.individual_business.family_members": {
      $0.individualBusiness.familyMembers = $1.individualBusiness.familyMembers
    },
  ]
}

/// The numbers that a filing's own replies have masked.
private struct Unmasking {
  /// Persons by name and masked identity number; nothing where two share both.
  private var people: [String: Liaoning_Registry_V1_NaturalPerson?] = [:]

  init(_ stored: FilingContentUpdate.Content) {
    for person in stored.everyone {
      guard let number = ResidentIdentityNumber(person.identityNumber) else { continue }
      let key = Self.key(person.fullName, Mask.identityNumber(number))
      if let known = people[key], known?.identityNumber != person.identityNumber {
        people[key] = .some(nil)
      } else if people[key]??.mobileNumber.isEmpty ?? true {
        people[key] = person
      }
    }
  }

  func unmasked(_ sent: FilingContentUpdate.Content) -> FilingContentUpdate.Content {
    var content = sent
    content.changeEveryone { person in
      guard person.identityNumber.contains("*"),
        let known = people[Self.key(person.fullName, person.identityNumber)] ?? nil
      else { return }
      person.identityNumber = known.identityNumber
      if person.mobileNumber.contains("*"), let mobile = MobileNumber(known.mobileNumber),
        Mask.mobileNumber(mobile) == person.mobileNumber
      {
        person.mobileNumber = known.mobileNumber
      }
    }
    return content
  }

  private static func key(_ name: String, _ number: String) -> String {
    "\(PartyRules.normalizedFullName(name))\n\(number)"
  }
}

extension FilingContentUpdate.Content {
  /// Every mention of a natural person.
  fileprivate var everyone: [Liaoning_Registry_V1_NaturalPerson] {
    var people: [Liaoning_Registry_V1_NaturalPerson] = []
    var copy = self
    copy.changeEveryone { people.append($0) }
    return people
  }

  /// Changes every mention of a natural person.
  fileprivate mutating func changeEveryone(
    _ change: (inout Liaoning_Registry_V1_NaturalPerson) -> Void
  ) {
    if hasLiaison { change(&liaison) }
    switch details {
    case .company(var company):
      if company.hasLegalRepresentative { change(&company.legalRepresentative) }
      if company.hasManager { change(&company.manager) }
      for index in company.directors.indices { change(&company.directors[index]) }
      for index in company.supervisors.indices { change(&company.supervisors[index]) }
      for index in company.shareholders.indices { company.shareholders[index].changePerson(change) }
      details = .company(company)
    case .cooperative(var cooperative):
      if cooperative.hasLegalRepresentative { change(&cooperative.legalRepresentative) }
      for index in cooperative.members.indices { cooperative.members[index].changePerson(change) }
      details = .cooperative(cooperative)
    case .individualBusiness(var business):
      if business.hasOperator { change(&business.operator) }
      for index in business.familyMembers.indices { change(&business.familyMembers[index]) }
      details = .individualBusiness(business)
    case nil: break
    }
  }
}

extension Liaoning_Registry_V1_Contributor {
  fileprivate mutating func changePerson(
    _ change: (inout Liaoning_Registry_V1_NaturalPerson) -> Void
  ) {
    guard hasParty, case .person(var person)? = party.kind else { return }
    change(&person)
    party.person = person
  }
}
