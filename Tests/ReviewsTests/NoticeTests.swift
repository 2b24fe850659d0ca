internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import Rendering
internal import RoomsTestKit
internal import Signatures
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Accounts
@testable internal import Filings
@testable internal import Reviews

@Suite("What stands on the notices of a review")
struct NoticeTests {
  private static let founder = Person.sample(1)
  private static let name = "沈阳澜漪软件有限公司"
  private let authority: Authority
  private let code: UnifiedSocialCreditCode
  private let submitted: Filing

  init() throws {
    let region = try #require(RegionCode("210100"))
    code = try #require(UnifiedSocialCreditCode("91210100XX0000019C"))
    authority = Authority(
      region: region,
      name: "沈阳市市场监督管理局",
      shortName: "沈",
      creditCode: code
    )
    let type = try #require(EntityType("1151"))
    let id = RegionalID(region: region, uuid: UUID())
    submitted = try Filing(
      id: id,
      business: .establishment,
      name: .init(
        reservation: id,
        enterpriseName: Self.name,
        entityType: type,
        region: region
      ),
      content: FilingContent(.company([Self.founder]), at: "content"),
      number: "2101002611230100001",
      applicant: id,
      at: nineOClock
    )
    .prepared(at: nineOClock, under: .current)
    .submitted(
      with: SignatureProgress(total: 1, signed: 1, refusal: nil),
      at: nineOClock,
      dueDate: CivilDate(nineOClock)
    )
  }

  /// The notices of a filing whose review gave both numbers.
  private func notices(
    of filing: Filing,
    numbered: Bool = true,
    under law: LawProfile = .current
  ) -> ReviewNotices {
    let review = Liaoning_Registry_V1_Review.with {
      guard numbered else { return }
      $0.acceptanceNumber = "（辽沈）登记内设字〔2026〕第000001号"
      $0.decisionNumber = "（辽沈）登记内设字〔2026〕第000002号"
    }
    return ReviewNotices(of: filing, review: review, applicant: "测试人", law: law)
  }

  /// The whole text of a notice's body.
  private func text(_ notice: ReviewNotice) -> String {
    notice.printed.sections.flatMap(\.blocks).map { block in
      switch block {
      case .paragraph(let text): text
      case .list(let items, _): items.joined(separator: "\n")
      case .fields(let fields): fields.map { "\($0.label)：\($0.value)" }.joined(separator: "\n")
      case .table: ""
      }
    }.joined(separator: "\n")
  }

  private func accepted(at instant: Date = nineOClock) throws -> Filing {
    try submitted.accepted(by: "staff/S0001", at: instant, dueDate: CivilDate(instant))
  }

  private func examined() throws -> Filing { try accepted().examined(at: nineOClock) }

  @Test("acceptance: applicant, number, article, the day of the decision")
  func acceptance() throws {
    let nextDay = nineOClock.addingTimeInterval(86_400)
    let notice = try #require(
      notices(of: try accepted(at: nextDay)).acceptance(by: authority)
    )
    #expect(notice.number == "（辽沈）登记内设字〔2026〕第000001号")
    #expect(notice.issueTime == nextDay)
    #expect(notice.printed.title == "受理通知书")
    #expect(notice.printed.number == notice.number)
    #expect(notice.printed.addressee == "测试人：")
    #expect(
      notice.printed.issuer == .init(authority: "沈阳市市场监督管理局", date: "2026年11月24日")
    )
    #expect(
      text(notice) == """
        你（单位）提交的“沈阳澜漪软件有限公司”设立登记申请收悉。经审查，申请事项属于本机关职权范围，申请材料齐全、\
        符合法定形式，依照《中华人民共和国市场主体登记管理条例》第十九条和《中华人民共和国行政许可法》第三十二条的规定，\
        决定予以受理。
        本机关将不迟于2026年11月26日作出是否准予登记的决定。
        名称：沈阳澜漪软件有限公司
        类型：有限责任公司（自然人独资）
        登记业务：设立登记
        业务流水号：2101002611230100001
        提交日期：2026年11月23日
        受理日期：2026年11月24日
        特此通知。
        """
    )
  }

  @Test("under the law of 2017 the day of the decision is later, and the article another")
  func acceptanceIn2017() throws {
    let notice = try #require(
      notices(of: try accepted(), under: .law2017).acceptance(by: authority)
    )
    #expect(text(notice).contains("符合法定形式，依照《中华人民共和国行政许可法》第三十二条的规定"))
    #expect(text(notice).contains("不迟于2026年12月14日"))
  }

  @Test("registration: name, code, article, day, authority")
  func registration() throws {
    let completed = try examined().completed(as: code, at: nineOClock)
    for filing in [completed, try completed.archived()] {
      let notice = try #require(notices(of: filing).registration(by: authority))
      #expect(notice.number == "（辽沈）登记内设字〔2026〕第000002号")
      #expect(notice.issueTime == nineOClock)
      #expect(notice.printed.title == "准予登记通知书")
      #expect(notice.printed.number == notice.number)
      #expect(notice.printed.addressee == "测试人：")
      #expect(
        notice.printed.issuer == .init(authority: "沈阳市市场监督管理局", date: "2026年11月23日")
      )
      #expect(
        text(notice) == """
          你（单位）提交的“沈阳澜漪软件有限公司”设立登记申请，经审查符合法定条件，依照\
          《中华人民共和国市场主体登记管理条例》第十九条、第二十一条和《中华人民共和国行政许可法》第三十八条的规定，\
          决定准予设立登记，并签发营业执照。营业执照签发日期为成立日期。
          名称：沈阳澜漪软件有限公司
          类型：有限责任公司（自然人独资）
          登记业务：设立登记
          业务流水号：2101002611230100001
          统一社会信用代码：91210100XX0000019C
          准予登记日期：2026年11月23日
          登记机关：沈阳市市场监督管理局
          特此通知。
          """
      )
    }
  }

  @Test("corrections stand all at once, under the filing number")
  func correction() throws {
    let returned = try submitted.returned(with: [
      FilingCorrection(field: "domicile", description: "请补充门牌号。"),
      FilingCorrection(field: "", description: "请补充章程。"),
    ])
    let notice = try #require(
      notices(of: returned, numbered: false).correction(by: authority, at: nineOClock)
    )
    #expect(notice.printed.title == "补正通知书")
    #expect(notice.printed.number == "业务流水号：2101002611230100001")
    #expect(text(notice).contains("市场主体登记管理条例》第十九条和《中华人民共和国行政许可法》第三十二条"))
    #expect(text(notice).contains("请补充门牌号。\n请补充章程。"))
  }

  @Test("a refusal gives reason, article and remedies", arguments: LawProfile.allCases)
  func refusals(law: LawProfile) throws {
    let remedies = law.remedies(against: authority.region)
    let declined = try submitted.declined(
      because: "不属于本机关管辖。\n请向大连市市场监督管理局申请。\n\(remedies)",
      at: nineOClock
    )
    let declination = try #require(notices(of: declined, under: law).declination(by: authority))
    #expect(declination.printed.title == "不予受理通知书")
    #expect(text(declination).contains("《中华人民共和国行政许可法》第三十二条的规定，决定不予受理。"))
    #expect(
      text(declination)
        .hasSuffix("\n不属于本机关管辖。\n请向大连市市场监督管理局申请。\n\(remedies)\n特此通知。")
    )
    let rejected = try examined().rejected(because: "名称违法。\n\(remedies)", at: nineOClock)
    let rejection = try #require(notices(of: rejected, under: law).rejection(by: authority))
    #expect(rejection.number == "（辽沈）登记内设字〔2026〕第000002号")
    #expect(rejection.printed.title == "登记驳回通知书")
    #expect(text(rejection).contains("《中华人民共和国行政许可法》第三十八条的规定，决定不予登记。"))
    #expect(text(rejection).hasSuffix("\n名称违法。\n\(remedies)\n特此通知。"))
    for (notice, article) in [(declination, "实施细则》第十八条"), (rejection, "管理条例》第二十条")] {
      #expect(text(notice).contains(article) == (law == .current))
      #expect(text(notice).contains("六十日") && text(notice).contains("六个月"))
    }
  }

  @Test("no notice is given of a step that was not taken, or has no number")
  func notTaken() throws {
    let completed = try examined().completed(as: code, at: nineOClock)
    for filing in [submitted, try accepted(), try examined(), completed] {
      let notices = notices(of: filing)
      #expect((notices.acceptance(by: authority) == nil) == (filing.acceptTime == nil))
      #expect((notices.registration(by: authority) == nil) == (filing.state != .completed))
      #expect(notices.correction(by: authority, at: nineOClock) == nil)
      #expect(notices.declination(by: authority) == nil)
      #expect(notices.rejection(by: authority) == nil)
    }
    let unnumbered = notices(of: completed, numbered: false)
    #expect(unnumbered.acceptance(by: authority) == nil)
    #expect(unnumbered.registration(by: authority) == nil)
    let rejected = try examined().rejected(because: "名称违法。", at: nineOClock)
    #expect(notices(of: rejected, numbered: false).rejection(by: authority) == nil)
  }

  @Test("no number of a person stands on a notice")
  func noIdentityNumbers() throws {
    let notices = notices(of: try examined().completed(as: code, at: nineOClock))
    let number = Self.founder.identityNumber.description
    for notice in [notices.acceptance(by: authority), notices.registration(by: authority)] {
      #expect(!text(try #require(notice)).contains(number))
      #expect(!text(try #require(notice)).contains(number.prefix(6) + "****"))
    }
  }
}
