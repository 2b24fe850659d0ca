internal import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// What must hold of a licence before it is signed.
enum LicenseRules {
  /// A licence file as it is stored and verified has at most 64 KiB.
  static let largestFile = 65_536

  /// What a signature and its key add to the content, at most.
  static let signatureRoom = 512

  private typealias Content = Liaoning_Registry_V1_LicenseContent
  private typealias Face = Liaoning_Registry_V1_LicenseFace

  /// Every rule that a licence to be issued breaks.
  ///
  /// - Parameters:
  ///   - content: What is to be signed.
  ///   - authority: Who issues it.
  /// - Returns: The violations; none for a lawful licence.
  static func violations(
    in content: Liaoning_Registry_V1_LicenseContent,
    issuedBy authority: Authority
  ) -> [Violation] {
    identifier(content, authority) + missingItems(content.face) + texts(content.face)
      + type(content.face) + dates(content) + issuer(content.face, authority) + size(content)
  }

  /// The identifier is of this authority, this entity and this version; only the first has none before.
  ///
  /// Source: GB/T 36904-2018.
  private static func identifier(_ content: Content, _ authority: Authority) -> [Violation] {
    var violations: [Violation] = []
    let expected = UnifiedSocialCreditCode(content.face.creditCode).map {
      Content.serial(of: $0, issuedBy: authority, number: Int(content.version))
    }
    if content.serial.isEmpty || content.serial != expected {
      violations.append(violation("serial", "LICENSE_SERIAL_UNLAWFUL", "证照标识与发证机关、主体或者版本不符。"))
    }
    if (content.version == 1) != content.previousSerial.isEmpty {
      violations.append(
        violation("previous_serial", "LICENSE_SERIAL_UNLAWFUL", "只有首份营业执照没有上一份的标识。")
      )
    }
    if content.formatVersion != Content.currentFormat {
      violations.append(violation("format_version", "LICENSE_FORMAT_UNKNOWN", "格式版本不明。"))
    }
    return violations
  }

  /// The items that the law names stand on the face (Implementing Rules, article 23).
  private static func missingItems(_ face: Face) -> [Violation] {
    [
      ("enterprise_name", face.enterpriseName), ("entity_type_name", face.entityTypeName),
      ("responsible_person_label", face.responsiblePersonLabel),
      ("responsible_person_name", face.responsiblePersonName), ("place_label", face.placeLabel),
      ("place", face.place), ("scope", face.scope), ("authority_name", face.authorityName),
    ].filter { $0.1.isEmpty }.map { field, _ in
      violation("face.\(field)", "LICENSE_ITEM_MISSING", "营业执照缺少应当载明的事项。")
    } + creditCode(face)
  }

  /// The code is one that this registry issues.
  ///
  /// Source: GB 32100-2015, GB 11714-1997.
  private static func creditCode(_ face: Face) -> [Violation] {
    guard let code = UnifiedSocialCreditCode(face.creditCode), code.hasValidOrganizationCode else {
      return [violation("face.credit_code", "CREDIT_CODE_UNLAWFUL", "统一社会信用代码不合法。")]
    }
    return []
  }

  /// No text holds a control character; each but the scope can be printed.
  private static func texts(_ face: Face) -> [Violation] {
    let items: [(String, String, Int)] = [
      ("enterprise_name", face.enterpriseName, 100),
      ("responsible_person_name", face.responsiblePersonName, 600),
      ("place", face.place, 600),
      ("scope", face.scope, largestFile),
      ("composition_form", face.compositionForm, 100),
    ]
    return items.filter { _, text, limit in
      text.unicodeScalars.count > limit
        || text.unicodeScalars.contains {
          $0.properties.generalCategory == .control || $0.properties.isBidiControl
        }
    }.map { field, _, _ in
      violation("face.\(field)", "LICENSE_TEXT_UNLAWFUL", "文字过长或者含有不可打印的字符。")
    }
  }

  /// The type has a name and a face; capital and form of composition stand where the type has them.
  private static func type(_ face: Face) -> [Violation] {
    guard let type = EntityType(face.entityType), type.name != type.code, type.licenseLayout != nil
    else { return [violation("face.entity_type", "ENTITY_TYPE_UNLAWFUL", "市场主体类型没有营业执照样式。")] }
    var violations: [Violation] = []
    let needsCapital: Bool
    let isIndividual: Bool
    switch type.entityClass {
    case .limitedLiabilityCompany, .jointStockCompany, .farmersCooperative, .partnership,
      .soleProprietorship, .nonCompanyLegalPerson:
      (needsCapital, isIndividual) = (true, false)
    case .individualBusiness: (needsCapital, isIndividual) = (false, true)
    case .branch, .other: (needsCapital, isIndividual) = (false, false)
    }
    if needsCapital ? face.capitalFen <= 0 : face.capitalFen != 0 {
      violations.append(violation("face.capital_fen", "CAPITAL_UNLAWFUL", "注册资本（出资额）与类型不符。"))
    }
    if isIndividual == face.compositionForm.isEmpty {
      violations.append(
        violation("face.composition_form", "COMPOSITION_FORM_UNLAWFUL", "只有个体工商户载明组成形式。")
      )
    }
    return violations
  }

  /// The first licence is issued on the day of establishment; a term ends after it.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 21.
  private static func dates(_ content: Content) -> [Violation] {
    guard let established = CivilDate(content.face.establishmentDate) else {
      return [violation("face.establishment_date", "DATE_UNLAWFUL", "缺少成立日期。")]
    }
    var violations: [Violation] = []
    let issued = CivilDate(content.issueTime.date)
    if content.version == 1 ? issued != established : issued < established {
      violations.append(
        violation(
          "face.establishment_date",
          "ESTABLISHMENT_DATE_UNLAWFUL",
          "营业执照签发日期为成立日期。",
          basis: "市场主体登记管理条例第二十一条"
        )
      )
    }
    if !content.face.termEndDate.isEmpty {
      let end = CivilDate(content.face.termEndDate)
      if end.map({ $0 <= established }) ?? true {
        violations.append(violation("face.term_end_date", "DATE_UNLAWFUL", "营业期限应当晚于成立日期。"))
      }
    }
    return violations
  }

  /// Who registers, issues.
  private static func issuer(_ face: Face, _ authority: Authority) -> [Violation] {
    face.authorityCode == authority.region.description && face.authorityName == authority.name
      ? [] : [violation("face.authority_code", "AUTHORITY_UNLAWFUL", "营业执照由登记机关签发。")]
  }

  /// The file stays within what a verification takes.
  private static func size(_ content: Content) -> [Violation] {
    let bytes = (try? content.canonicalBytes().count) ?? .max
    return bytes <= largestFile - signatureRoom
      ? [] : [violation("face.scope", "LICENSE_TOO_LARGE", "营业执照文件不得超过64KiB。")]
  }

  private static func violation(
    _ field: String,
    _ rule: String,
    _ description: String,
    basis: String = "市场主体登记管理条例实施细则第二十三条"
  ) -> Violation {
    Violation(field: field, rule: rule, description: description, basis: basis)
  }
}
