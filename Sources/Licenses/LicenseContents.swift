internal import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
internal import RegistryAPI
internal import Rendering
internal import SwiftProtobuf
internal import Vocabulary

extension Liaoning_Registry_V1_LicenseContent {
  /// The version of this format.
  static let currentFormat: Int32 = 1

  /// The certificate type (电子证照类型代码) of a business licence: the credit code of the State
  /// Administration for Market Regulation, and 001.
  ///
  /// Source: GB/T 36903-2018; the national numbering of electronic licences is not public.
  static let certificateType = "11100000MB0143028R001"

  /// What the first licence of an entity says; an identifier that cannot be made is left empty.
  ///
  /// - Parameters:
  ///   - entity: The entity as it stands in the register.
  ///   - authority: The registration authority that issues the licence.
  ///   - instant: When, in whole milliseconds.
  init(first entity: Entity, issuedBy authority: Authority, at instant: Date) {
    self = .with {
      $0.formatVersion = Self.currentFormat
      $0.version = 1
      $0.serial = Self.serial(of: entity.creditCode, issuedBy: authority, number: 1)
      $0.face = Liaoning_Registry_V1_LicenseFace(entity, issuedBy: authority)
      $0.issueTime = instant.timestamp
    }
  }

  /// The licence identifier: its serial part is the entity's credit code.
  ///
  /// Source: GB/T 36904-2018.
  static func serial(
    of code: UnifiedSocialCreditCode,
    issuedBy authority: Authority,
    number: Int
  ) -> String {
    LicenseIdentifier(
      type: certificateType,
      issuer: authority.creditCode,
      serial: code.description,
      version: number
    )?.description ?? ""
  }

  /// The bytes that are signed: fields in the order of their numbers, the same for the same content.
  ///
  /// - Throws: Only if a text cannot be encoded.
  func canonicalBytes() throws -> [UInt8] {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    return try serializedBytes(options: options)
  }
}

extension Liaoning_Registry_V1_LicenseFace {
  /// The face items (照面事项) of an entity with their labels, the type and the authority in words.
  ///
  /// Source: Implementing Rules of the Regulations on the Registration of Market Entities, art. 23.
  init(_ entity: Entity, issuedBy authority: Authority) {
    let layout = entity.entityType.licenseLayout
    self = .with {
      $0.creditCode = entity.creditCode.description
      $0.enterpriseName = entity.enterpriseName
      $0.entityType = entity.entityType.code
      $0.entityTypeName = entity.entityType.name
      $0.responsiblePersonLabel = layout?.responsiblePersonLabel ?? ""
      $0.responsiblePersonName = entity.responsiblePerson.fullName
      $0.capitalFen = entity.capitalFen ?? 0
      $0.placeLabel = layout?.placeLabel ?? ""
      $0.place = entity.domicile
      $0.scope = entity.scopeItems.map(\.text).joined(separator: "；")
      $0.establishmentDate = entity.establishmentDate.description
      $0.termEndDate = entity.termEndDate?.description ?? ""
      $0.authorityCode = authority.region.description
      $0.authorityName = authority.name
      $0.compositionForm = entity.compositionForm ?? ""
    }
  }
}

extension EntityType {
  /// Which of the eight faces is printed; nothing for a type that no rule tells apart yet.
  var licenseLayout: LicensePrint.Layout? {
    switch entityClass {
    case .limitedLiabilityCompany, .jointStockCompany: .company
    case .nonCompanyLegalPerson: .nonCompanyLegalPerson
    case .partnership: .partnership
    case .farmersCooperative: .cooperative
    case .soleProprietorship: .soleProprietorship
    case .individualBusiness: .individualBusiness
    case .branch: .branch
    case .other: nil
    }
  }
}
