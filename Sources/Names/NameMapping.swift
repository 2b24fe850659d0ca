internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// A parsed ReserveName: 1 to 3 candidates, best liked first.
struct NameDeclaration: Sendable {
  let candidates: [NameStructure]
  let similarConfirmed: Bool
  let requestID: RequestID

  /// Parses a request.
  ///
  /// - Throws: `NameError.malformed` with every violation, `RequestLogError.malformedRequestID`.
  init(_ request: Liaoning_Registry_V1_ReserveNameRequest) throws {
    requestID = try RequestID(request.requestID)
    similarConfirmed = request.similarConfirmed
    guard (1...3).contains(request.candidates.count) else {
      throw NameError.malformed([
        Violation(
          field: "candidates",
          rule: "CANDIDATE_COUNT_INVALID",
          description: "请按顺序提交 1 至 3 个备选名称。"
        )
      ])
    }
    var violations: [Violation] = []
    var candidates: [NameStructure] = []
    for (index, candidate) in request.candidates.enumerated() {
      do throws(NameError) {
        candidates.append(try NameStructure(candidate, field: "candidates[\(index)]"))
      } catch {
        violations += error.violations
      }
    }
    guard violations.isEmpty else { throw NameError.malformed(violations) }
    self.candidates = candidates
  }
}

extension NameStructure {
  /// Parses a candidate and cuts it.
  ///
  /// - Parameters:
  ///   - proto: What was sent.
  ///   - field: Its path in the request.
  /// - Throws: `NameError.malformed` with every violation.
  init(_ proto: Liaoning_Registry_V1_NameCandidate, field: String) throws(NameError) {
    var violations: [Violation] = []
    func require(_ isTrue: Bool, _ name: String, _ rule: String, _ description: String) {
      if !isTrue {
        violations.append(
          Violation(field: "\(field).\(name)", rule: rule, description: description)
        )
      }
    }
    require(
      (4...60).contains(NameText.canonical(proto.enterpriseName).count),
      "enterprise_name",
      "ENTERPRISE_NAME_LENGTH_INVALID",
      "名称应为 4 至 60 个字。"
    )
    require(
      !NameText.canonical(proto.tradeName).isEmpty,
      "trade_name",
      "TRADE_NAME_MISSING",
      "请填写字号。"
    )
    let industryClass = IndustryClass(proto.industryClass)
    require(
      industryClass != nil,
      "industry_class",
      "INDUSTRY_CLASS_INVALID",
      "行业类别应为《国民经济行业分类》（GB/T 4754-2017）的 4 位小类代码。"
    )
    let entityType = EntityType(proto.entityType)
    require(entityType != nil, "entity_type", "ENTITY_TYPE_INVALID", "市场主体类型代码不存在。")
    let region = RegionCode(proto.regionCode)
    require(
      region?.isInLiaoning == true,
      "region_code",
      "REGION_CODE_INVALID",
      "登记机关所在地应为辽宁省内的 6 位行政区划代码。"
    )
    require(
      proto.parentName.count <= 100,
      "parent_name",
      "PARENT_NAME_TOO_LONG",
      "隶属企业名称不得超过 100 个字。"
    )
    violations += Self.controlCharacters(in: proto, field: field)
    guard violations.isEmpty, let industryClass, let entityType, let region else {
      throw .malformed(violations)
    }
    let candidate = NameCandidate(
      enterpriseName: proto.enterpriseName,
      tradeName: proto.tradeName,
      industryWords: proto.industryWords,
      industryClass: industryClass,
      entityType: entityType,
      region: region,
      parentName: proto.parentName
    )
    try self.init(candidate, field: field)
  }

  /// No text holds a control character: the database cannot keep NUL, and no name has any other.
  private static func controlCharacters(
    in proto: Liaoning_Registry_V1_NameCandidate,
    field: String
  ) -> [Violation] {
    [
      ("enterprise_name", proto.enterpriseName), ("trade_name", proto.tradeName),
      ("industry_words", proto.industryWords), ("parent_name", proto.parentName),
    ].filter { $0.1.unicodeScalars.contains { $0.properties.generalCategory == .control } }
      .map { name, _ in
        Violation(
          field: "\(field).\(name)",
          rule: "NAME_CHARACTER_INVALID",
          description: "名称不得含有控制字符。"
        )
      }
  }
}

extension NamingViolation {
  /// The violation for an error.
  ///
  /// - Parameter field: The candidate's path in the request.
  /// - Returns: The violation, with its article.
  func violation(field: String) -> Violation {
    Violation(
      field: field,
      rule: rule.rawValue,
      description: rule.description(of: part),
      basis: rule.basis
    )
  }
}

// MARK: Replies

extension Liaoning_Registry_V1_NameCandidate {
  init(_ candidate: NameCandidate) {
    self = .with {
      $0.enterpriseName = candidate.enterpriseName
      $0.tradeName = candidate.tradeName
      $0.industryWords = candidate.industryWords
      $0.industryClass = candidate.industryClass.code
      $0.entityType = candidate.entityType.code
      $0.regionCode = candidate.region.description
      $0.parentName = candidate.parentName ?? ""
    }
  }
}

extension Liaoning_Registry_V1_NameViolation {
  init(_ violation: NamingViolation) {
    self = .with {
      $0.rule = violation.rule.rawValue
      $0.severity = violation.rule.isForExaminer ? .manualReview : .reject
      $0.part = violation.part
      $0.description_p = violation.rule.description(of: violation.part)
      $0.basis = violation.rule.basis
    }
  }
}

extension Liaoning_Registry_V1_NameHit {
  init(_ hit: NameHit) {
    self = .with {
      $0.libraryID = hit.libraryID
      $0.enterpriseName = hit.enterpriseName
      $0.verdict = hit.verdict == .identical ? .identical : .similar
      $0.rule = hit.rule.rawValue
      $0.description_p = hit.rule.description(of: hit.enterpriseName)
    }
  }
}

extension Liaoning_Registry_V1_CheckNameResponse {
  init(_ assessment: NameAssessment) {
    self = .with {
      $0.outcome =
        switch assessment.outcome {
        case .reservable: .reservable
        case .reservableWithRisk: .reservableWithRisk
        case .manualReview: .manualReview
        case .refused: .refused
        }
      $0.violations = assessment.violations.map(Liaoning_Registry_V1_NameViolation.init)
      $0.hits = assessment.hits.prefix(NameAssessment.hitLimit)
        .map(Liaoning_Registry_V1_NameHit.init)
    }
  }
}

extension Liaoning_Registry_V1_Reservation {
  /// The reservation as it stands at an instant.
  ///
  /// - Throws: Only if the verdict kept with it cannot be read.
  init(_ reservation: Reservation, at instant: Date) throws {
    let verdict = try Liaoning_Registry_V1_CheckNameResponse(serializedBytes: reservation.verdict)
    self = .with {
      $0.name = reservation.name
      $0.candidate = Liaoning_Registry_V1_NameCandidate(reservation.candidate)
      $0.number = reservation.number
      $0.state =
        switch reservation.state(at: instant) {
        case .reserved: .reserved
        case .released: .released
        case .expired: .expired
        case .used: .used
        }
      $0.declarant = reservation.declarant.name(in: "accounts")
      $0.similarNames = verdict.hits
      $0.createTime = reservation.createTime.timestamp
      $0.expireTime = reservation.expireTime.timestamp
      $0.filing = reservation.filing?.name(in: "filings") ?? ""
      $0.etag = ETag(version: reservation.version).description
    }
  }
}
