internal import RegistryAPI

/// An item of a licence's face, by the name that a partner's grant calls it.
enum LicenseFaceField: String, CaseIterable, Sendable {
  case creditCode = "credit_code"
  case enterpriseName = "enterprise_name"
  case entityType = "entity_type"
  case entityTypeName = "entity_type_name"
  case responsiblePersonLabel = "responsible_person_label"
  case responsiblePersonName = "responsible_person_name"
  case capitalFen = "capital_fen"
  case placeLabel = "place_label"
  case place
  case scope
  case establishmentDate = "establishment_date"
  case termEndDate = "term_end_date"
  case authorityCode = "authority_code"
  case authorityName = "authority_name"
  case compositionForm = "composition_form"

  /// Copies the item.
  func copy(
    from face: Liaoning_Registry_V1_LicenseFace,
    to shown: inout Liaoning_Registry_V1_LicenseFace
  ) {
    switch self {
    case .creditCode: shown.creditCode = face.creditCode
    case .enterpriseName: shown.enterpriseName = face.enterpriseName
    case .entityType: shown.entityType = face.entityType
    case .entityTypeName: shown.entityTypeName = face.entityTypeName
    case .responsiblePersonLabel: shown.responsiblePersonLabel = face.responsiblePersonLabel
    case .responsiblePersonName: shown.responsiblePersonName = face.responsiblePersonName
    case .capitalFen: shown.capitalFen = face.capitalFen
    case .placeLabel: shown.placeLabel = face.placeLabel
    case .place: shown.place = face.place
    case .scope: shown.scope = face.scope
    case .establishmentDate: shown.establishmentDate = face.establishmentDate
    case .termEndDate: shown.termEndDate = face.termEndDate
    case .authorityCode: shown.authorityCode = face.authorityCode
    case .authorityName: shown.authorityName = face.authorityName
    case .compositionForm: shown.compositionForm = face.compositionForm
    }
  }
}

extension Liaoning_Registry_V1_LicenseFace {
  /// The items of a grant; a name that no item has grants nothing.
  func showing(_ fields: Set<String>) -> Liaoning_Registry_V1_LicenseFace {
    LicenseFaceField.allCases.reduce(into: Self()) { shown, field in
      if fields.contains(field.rawValue) { field.copy(from: self, to: &shown) }
    }
  }
}
