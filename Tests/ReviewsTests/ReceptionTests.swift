internal import APIConventions
internal import Foundation
internal import Identity
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

@Suite("Accepting, returning, declining", .database(reviewsMigrations))
struct ReceptionTests {
  private func hall(_ law: LawProfile = .current) async throws -> Hall {
    try await Hall(on: TestDatabase.ofSuite(), law: law)
  }

  @Test("acceptance gives number and due date, and only the authority that is asked may give it")
  func accept() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(1, born: 1961))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    for authority in ["210102", "210200", "210000"] {
      let stranger = Caller.registrar("S0021", .clerk, of: authority)
      await expectReason("FILING_NOT_FOUND") { try await hall.accept(submitted, as: stranger) }
      await expectReason("FILING_NOT_FOUND") { try await hall.review(of: submitted, as: stranger) }
      #expect(try await hall.queue(as: stranger).items.isEmpty)
    }
    #expect(try await hall.review(of: submitted) == .with { $0.filing = submitted.name })
    // Two days late: the acceptance gives no further time.
    hall.moveClock(by: 2 * 86_400)
    let accepted = try await hall.accept(submitted)
    #expect(accepted.state == .accepted)
    #expect(accepted.dueDate == "2026-11-26")
    let review = try await hall.review(of: accepted)
    #expect(review.clerk == "staff/S0001")
    #expect(review.acceptanceNumber.hasPrefix("（辽沈）登记内设字〔2026〕第"))
    #expect(review.acceptTime == accepted.acceptTime)
    #expect(review.decisionNumber.isEmpty)
    #expect(!review.hasExamineTime)
    await expectReason("FILING_NOT_SUBMITTED") { try await hall.accept(accepted) }
    await expectReason("FILING_NOT_SUBMITTED") { try await hall.returned(accepted) }
    await expectReason("FILING_NOT_SUBMITTED") { try await hall.decline(accepted) }
  }

  @Test("only staff may, and only a filing that exists")
  func strangers() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(2, born: 1961))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    await expectReason("CALLER_NOT_PERMITTED") {
      try await hall.accept(submitted, as: citizen.caller)
    }
    await expectReason("CALLER_NOT_PERMITTED") { try await hall.queue(as: .anonymous) }
    for name in ["filings/210100-\(UUID().uuidString.lowercased())", "filings/x", ""] {
      var absent = submitted
      absent.name = name
      await expectReason("FILING_NOT_FOUND") { [absent] in try await hall.accept(absent) }
      await expectReason("FILING_NOT_FOUND") { [absent] in try await hall.review(of: absent) }
    }
  }

  @Test("nobody takes a step in a filing in which he is named or whose applicant he is")
  func ownFiling() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(3, born: 1961))
    let shareholder = Person.sample(4, born: 1961)
    let filing = try await hall.submitted(.company([shareholder]), by: citizen)
    for person in [citizen.person, shareholder] {
      let clerk = Caller.registrar("S0022", .clerk, person: person)
      await expectReason("REVIEW_OWN_FILING") { try await hall.accept(filing, as: clerk) }
      await expectReason("REVIEW_OWN_FILING") { try await hall.returned(filing, as: clerk) }
      await expectReason("REVIEW_OWN_FILING") { try await hall.decline(filing, as: clerk) }
    }
  }

  @Test("a stale or malformed etag is refused", arguments: ["v2", "v4", "", "3"])
  func staleEtag(etag: String) async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(
      Person.sample(10 + etag.count, born: etag == "v4" ? 1970 : 1971)
    )
    var filing = try await hall.submitted(.company([citizen.person]), by: citizen)
    #expect(filing.etag == "v3")
    filing.etag = etag
    await expectReason("FILING_STALE") { [filing] in try await hall.accept(filing) }
    await expectReason("FILING_STALE") { [filing] in try await hall.returned(filing) }
    await expectReason("FILING_STALE") { [filing] in try await hall.decline(filing) }
  }

  @Test("a return tells all corrections at once, and the next submission may meet another clerk")
  func returnAndResubmit() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(5, born: 1961))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    let returned = try await hall.returned(
      submitted,
      corrections: [("company.charter_text", "请补充第三条。"), ("", " 请补充股东名册。 ")]
    )
    #expect(returned.state == .returned)
    #expect(returned.corrections.map(\.field) == ["company.charter_text", ""])
    #expect(returned.corrections.map(\.description_p) == ["请补充第三条。", "请补充股东名册。"])
    #expect(returned.dueDate.isEmpty)
    #expect(try await hall.review(of: returned).clerk == "staff/S0001")
    await expectReason("FILING_NOT_SUBMITTED") { try await hall.accept(returned) }

    let draft = try await hall.call(as: citizen.caller) {
      try await hall.filings.updateFiling(
        request: .with {
          $0.filing = returned
          $0.filing.content.company.charterText += "\n第三条 附则。"
          $0.updateMask.paths = ["content.company.charter_text"]
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
    hall.moveClock(by: 86_400)
    let again = try await hall.resubmitted(draft, by: citizen)
    let other = Caller.registrar("S0023", .clerk)
    let second = try await hall.returned(again, as: other)
    #expect(try await hall.review(of: second).clerk == "staff/S0023")
    #expect(
      try await hall.events(of: submitted).filter { $0.hasPrefix("review.") }
        == ["review.returned", "review.returned"]
    )
  }

  @Test(
    "1 to 100 corrections of 1 to 500 characters",
    arguments: [
      (0, 1, false), (1, 1, true), (100, 1, true), (101, 1, false), (1, 0, false), (1, 500, true),
      (1, 501, false),
    ]
  )
  func correctionLimits(count: Int, length: Int, isLawful: Bool) {
    let request = Liaoning_Registry_V1_ReturnFilingRequest.with {
      $0.corrections = Array(
        repeating: .with { $0.description_p = String(repeating: "补", count: length) },
        count: count
      )
    }
    #expect(((try? ReturnOrder(request)) != nil) == isLawful)
  }

  @Test(
    "a correction names a path and says what can be read",
    arguments: ["Company", "a b", "字", "a/b"]
  )
  func correctionFields(field: String) {
    let request = Liaoning_Registry_V1_ReturnFilingRequest.with {
      $0.corrections = [
        .with {
          $0.field = field
          $0.description_p = "补\u{0}正"
        }
      ]
    }
    #expect(throws: ReviewError.self) { try ReturnOrder(request) }
    do {
      _ = try ReturnOrder(request)
    } catch {
      #expect(error.violations.map(\.rule) == ["FIELD_PATH_MALFORMED", "TEXT_CHARACTER_UNLAWFUL"])
      #expect(
        error.violations.map(\.field) == ["corrections[0].field", "corrections[0].description"]
      )
    }
  }

  @Test("a declination names the right authority and the remedies, and frees the name")
  func decline() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(6, born: 1961))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    await expectReason("REVIEW_REQUEST_INVALID") {
      try await hall.decline(submitted, right: "210100")
    }
    let declined = try await hall.decline(submitted, right: "210200")
    #expect(declined.state == .notAccepted)
    #expect(
      declined.decisionReason == """
        不属于本机关管辖。
        请向大连市市场监督管理局申请。
        如不服本决定，可以自收到本决定之日起六十日内向沈阳市人民政府申请行政复议，或者自收到本决定之日起六个月内向人民法院提起行政诉讼。
        """
    )
    let review = try await hall.review(of: declined)
    #expect(review.clerk == "staff/S0001")
    #expect(review.decider.isEmpty)
    #expect(review.decisionNumber.hasPrefix("（辽沈）登记内设字〔2026〕第"))
    #expect(review.decideTime == declined.decideTime)
    let id = try #require(
      RegionalID(resourceName: submitted.reservation, collection: "reservations")
    )
    let reservation = try await hall.atDesk { desk, _ in try await desk.names.reservation(id) }
    #expect(try #require(reservation).filing == nil)
    await expectReason("FILING_NOT_SUBMITTED") { try await hall.accept(declined) }
  }

  @Test("a right authority outside the province is told by its code; without one nothing is told")
  func declineElsewhere() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(7, born: 1961))
    let first = try await hall.submitted(.company([citizen.person]), by: citizen)
    let declined = try await hall.decline(first, right: "220100")
    #expect(declined.decisionReason.contains("请向登记机关（行政区划代码220100）申请。"))
    let second = try await hall.submitted(.company([citizen.person]), by: citizen)
    let plain = try await hall.decline(second)
    #expect(!plain.decisionReason.contains("请向"))
  }

  @Test(
    "a reason has 1 to 500 characters, a right authority is a region",
    arguments: [
      (0, "", false), (1, "", true), (500, "", true), (501, "", false), (1, "210200", true),
      (1, "219999", false), (1, "21", false), (1, "110105", true),
    ]
  )
  func declinationLimits(length: Int, right: String, isLawful: Bool) {
    let request = Liaoning_Registry_V1_DeclineFilingRequest.with {
      $0.reason = String(repeating: "由", count: length)
      $0.rightAuthorityCode = right
    }
    #expect(((try? Declination(request)) != nil) == isLawful)
  }

  @Test("of two clerks at once one accepts")
  func twoClerks() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(8, born: 1961))
    let content = Liaoning_Registry_V1_FilingContent.company([citizen.person])
    let name = try await hall.reserve(for: content, by: citizen)
    for _ in 0..<10 {
      let submitted = try await hall.submitted(content, by: citizen, reservation: name)
      func attempt(_ number: String) async throws -> String {
        do {
          return try await hall.accept(submitted, as: .registrar(number, .clerk)).name
        } catch let error as any RegistryError {
          return error.reason
        }
      }
      async let first = attempt("S0024")
      async let second = attempt("S0025")
      let outcomes = try await [first, second].sorted()
      #expect(outcomes == ["FILING_NOT_SUBMITTED", submitted.name])
      #expect(
        try await hall.events(of: submitted).filter { $0 == "review.accepted" }.count == 1
      )
      _ = try await hall.withdraw(submitted, by: citizen)
    }
  }

  @Test("a repeat with the same request id gives the first reply, another request none")
  func repeated() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(9, born: 1961))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    let requestID = UUID().uuidString
    let first = try await hall.accept(submitted, requestID: requestID)
    _ = try await hall.examine(first)
    #expect(try await hall.accept(submitted, requestID: requestID) == first)
    await expectReason("REQUEST_ID_REUSED") { try await hall.accept(first, requestID: requestID) }
    await expectReason("REQUEST_ID_MALFORMED") { try await hall.accept(first, requestID: "1") }
  }
}
