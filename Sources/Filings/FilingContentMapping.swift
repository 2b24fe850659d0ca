internal import Accounts
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

extension FilingContent {
  /// The content as a message.
  ///
  /// - Parameters:
  ///   - masked: Whether numbers are masked, as they are to everyone but the person.
  ///   - viewer: Whose own numbers are shown all the same.
  /// - Returns: The message.
  func proto(
    masked: Bool,
    to viewer: ResidentIdentityNumber? = nil
  ) -> Liaoning_Registry_V1_FilingContent {
    let mask = Masking(isOn: masked, viewer: viewer)
    return .with {
      $0.entityType = entityType.code
      $0.domicileRegionCode = domicileRegion.description
      $0.domicile = domicile
      $0.scopeItems = scopeItems.map { item in
        .with {
          $0.text = item.text
          $0.industryClass = item.industryClass.code
        }
      }
      $0.liaison = mask.proto(liaison)
      $0.termEndDate = termEndDate?.description ?? ""
      switch details {
      case .company(let company): $0.company = company.proto(mask)
      case .cooperative(let cooperative): $0.cooperative = cooperative.proto(mask)
      case .individualBusiness(let business): $0.individualBusiness = business.proto(mask)
      }
    }
  }
}

/// Whose numbers a reply shows.
private struct Masking {
  let isOn: Bool
  let viewer: ResidentIdentityNumber?

  func proto(_ person: PersonRecord) -> Liaoning_Registry_V1_NaturalPerson {
    person.proto(masked: isOn && person.identityNumber != viewer)
  }

  func proto(_ party: PartyRecord) -> Liaoning_Registry_V1_Party {
    party.proto(masked: isOn && (party.person.map { $0.identityNumber != viewer } ?? true))
  }

  func proto(_ contributor: Contributor) -> Liaoning_Registry_V1_Contributor {
    .with {
      $0.party = proto(contributor.party)
      $0.contributionFen = contributor.contributionFen
      $0.dueDate = contributor.dueDate?.description ?? ""
      $0.farmer = contributor.isFarmer
    }
  }
}

extension CompanyDetails {
  fileprivate func proto(_ mask: Masking) -> Liaoning_Registry_V1_CompanyDetails {
    .with {
      $0.registeredCapitalFen = registeredCapitalFen
      $0.shareholders = shareholders.map(mask.proto)
      $0.legalRepresentative = mask.proto(legalRepresentative)
      $0.directors = directors.map(mask.proto)
      $0.supervisors = supervisors.map(mask.proto)
      if let manager { $0.manager = mask.proto(manager) }
      $0.charterText = charterText
    }
  }
}

extension CooperativeDetails {
  fileprivate func proto(_ mask: Masking) -> Liaoning_Registry_V1_CooperativeDetails {
    .with {
      $0.members = members.map(mask.proto)
      $0.legalRepresentative = mask.proto(legalRepresentative)
      $0.charterText = charterText
    }
  }
}

extension IndividualBusinessDetails {
  fileprivate func proto(_ mask: Masking) -> Liaoning_Registry_V1_IndividualBusinessDetails {
    .with {
      switch form {
      case .personal: $0.form = .personal
      case .family: $0.form = .family
      }
      $0.operator = mask.proto(self.operator)
      $0.familyMembers = familyMembers.map(mask.proto)
    }
  }
}
