package import Accounts
package import Filings
package import Foundation
package import RegistryAPI
package import Rendering
package import Vocabulary

/// A notice (文书) before it is rendered: what stands on the paper, and of when it is.
package struct ReviewNotice: Hashable, Sendable {
  /// The notice's number; of an order to correct, which has none, the filing number.
  package let number: String
  /// What stands on the paper.
  package let printed: PrintedDocument
  /// When the step was taken: the creation date of the PDF, so that it can be made again.
  package let issueTime: Date
}

/// The notices that a review gives to the applicant, as papers; pure.
///
/// No identity number stands on them.
///
/// Source: Administrative Licensing Law, art. 32, 38; Regulations on the Registration of Market Entities,
/// art. 19 to 21; their Implementing Rules, art. 18; Regulations on the Registration of Companies (2016),
/// art. 52, 54.
package struct ReviewNotices: Sendable {
  private typealias Section = PrintedDocument.Section
  private typealias Field = PrintedDocument.Field

  private let filing: Filing
  private let review: Liaoning_Registry_V1_Review
  private let applicant: String
  private let law: LawProfile

  /// The notices of a review.
  ///
  /// - Parameters:
  ///   - filing: The filing.
  ///   - review: What staff recorded about it.
  ///   - applicant: The applicant's name, as the account has it.
  ///   - law: The law in force.
  package init(
    of filing: Filing,
    review: Liaoning_Registry_V1_Review,
    applicant: String,
    law: LawProfile
  ) {
    self.filing = filing
    self.review = review
    self.applicant = applicant
    self.law = law
  }
}

// MARK: The notices

extension ReviewNotices {
  /// The notice of acceptance (受理通知书), with the day by which the authority decides.
  ///
  /// - Parameter authority: The authority, as it was called on that day.
  /// - Returns: Nothing for what was not accepted.
  package func acceptance(by authority: Authority) -> ReviewNotice? {
    guard let instant = filing.acceptTime, !review.acceptanceNumber.isEmpty else { return nil }
    let receipt = CivilDate(filing.submitTime ?? instant)
    let dueDate = law.decisionDueDate(
      receipt: receipt,
      acceptance: CivilDate(instant),
      entityType: filing.content.entityType
    )
    return notice(
      .acceptance,
      review.acceptanceNumber,
      [
        .paragraph(
          "你（单位）提交的\(subject)申请收悉。经审查，申请事项属于本机关职权范围，申请材料齐全、符合法定形式，"
            + "依照\(law.basis(of: .acceptance))的规定，决定予以受理。"
        ),
        .paragraph("本机关将不迟于\(dueDate.inWords)作出是否准予登记的决定。"),
        .fields(
          facts + [
            Field("提交日期", receipt.inWords), Field("受理日期", CivilDate(instant).inWords),
          ]
        ),
      ],
      by: authority,
      at: instant
    )
  }

  /// The notice of registration (准予登记通知书), with the name and the code of the entity.
  ///
  /// - Parameter authority: The authority, as it was called on that day.
  /// - Returns: Nothing for what was not approved.
  package func registration(by authority: Authority) -> ReviewNotice? {
    guard let code = filing.entity, let instant = filing.decideTime,
      !review.decisionNumber.isEmpty
    else { return nil }
    let day = CivilDate(instant).inWords
    return notice(
      .registration,
      review.decisionNumber,
      [
        .paragraph(
          "你（单位）提交的\(subject)申请，经审查符合法定条件，依照\(law.basis(of: .registration))的规定，"
            + "决定准予\(filing.business.title)，并签发营业执照。营业执照签发日期为成立日期。"
        ),
        .fields(
          facts + [
            Field("统一社会信用代码", code.description), Field("准予登记日期", day),
            Field("登记机关", authority.name),
          ]
        ),
      ],
      by: authority,
      at: instant
    )
  }

  /// The notice that asks for every correction at once (补正通知书).
  ///
  /// - Parameters:
  ///   - authority: The authority, as it was called on that day.
  ///   - instant: When the filing was returned.
  /// - Returns: Nothing for what does not stand returned.
  package func correction(by authority: Authority, at instant: Date) -> ReviewNotice? {
    guard filing.state == .returned, !filing.corrections.isEmpty else { return nil }
    return notice(
      .correction,
      "业务流水号：\(filing.number)",
      [
        .paragraph(
          "你（单位）提交的\(subject)申请收悉。经审查，申请材料不齐全或者不符合法定形式，"
            + "依照\(law.basis(of: .correction))的规定，现将需要补正的全部内容一次性告知如下："
        ),
        .list(filing.corrections.map(\.description), ordered: true),
        .paragraph("请补正后重新提交申请。"),
      ],
      by: authority,
      at: instant
    )
  }

  /// The notice of non-acceptance (不予受理通知书), with reason, right authority and remedies.
  ///
  /// - Parameter authority: The authority, as it was called on that day.
  /// - Returns: Nothing for what was not declined.
  package func declination(by authority: Authority) -> ReviewNotice? {
    guard filing.state == .notAccepted else { return nil }
    return refusal(.declination, "决定不予受理", by: authority)
  }

  /// The notice of rejection (驳回通知书), with reason and remedies.
  ///
  /// - Parameter authority: The authority, as it was called on that day.
  /// - Returns: Nothing for what was not rejected.
  package func rejection(by authority: Authority) -> ReviewNotice? {
    guard filing.state == .rejected else { return nil }
    return refusal(.rejection, "决定不予登记", by: authority)
  }
}

// MARK: Parts

extension ReviewNotices {
  /// The kinds of notices.
  enum Kind: CaseIterable, Sendable {
    /// Of acceptance.
    case acceptance
    /// Of corrections.
    case correction
    /// Of non-acceptance.
    case declination
    /// Of registration.
    case registration
    /// Of rejection.
    case rejection

    /// What the paper is called.
    var title: String {
      switch self {
      case .acceptance: "受理通知书"
      case .correction: "补正通知书"
      case .declination: "不予受理通知书"
      case .registration: "准予登记通知书"
      case .rejection: "登记驳回通知书"
      }
    }
  }

  /// What was asked for, as a sentence names it.
  private var subject: String {
    "“\(filing.name.enterpriseName)”\(filing.business.title)"
  }

  private var facts: [Field] {
    [
      Field("名称", filing.name.enterpriseName),
      Field("类型", filing.content.entityType.name),
      Field("登记业务", filing.business.title),
      Field("业务流水号", filing.number),
    ]
  }

  /// The reason was recorded with the remedies as its last line.
  private func refusal(
    _ kind: Kind,
    _ decision: String,
    by authority: Authority
  ) -> ReviewNotice? {
    guard let instant = filing.decideTime, let reason = filing.decisionReason,
      !review.decisionNumber.isEmpty
    else { return nil }
    let lines = reason.split(separator: "\n").map(String.init)
    return notice(
      kind,
      review.decisionNumber,
      [
        .paragraph(
          "你（单位）提交的\(subject)申请（业务流水号：\(filing.number)），经审查，"
            + "依照\(law.basis(of: kind))的规定，\(decision)。理由如下："
        )
      ] + lines.map { .paragraph($0) },
      by: authority,
      at: instant
    )
  }

  private func notice(
    _ kind: Kind,
    _ number: String,
    _ blocks: [PrintedDocument.Block],
    by authority: Authority,
    at instant: Date
  ) -> ReviewNotice {
    ReviewNotice(
      number: number,
      printed: PrintedDocument(
        title: kind.title,
        number: number,
        addressee: "\(applicant)：",
        sections: [Section(nil, blocks + [.paragraph("特此通知。")])],
        issuer: .init(authority: authority.name, date: CivilDate(instant).inWords)
      ),
      issueTime: instant
    )
  }
}

extension CivilDate {
  /// The day as notices print it, for instance `2026年11月3日`.
  ///
  /// Source: GB/T 9704-2012, 7.3.5.4 (no zeros before months and days).
  fileprivate var inWords: String { "\(year)年\(month)月\(day)日" }
}
