internal import APIConventions
internal import Accounts
internal import RoomsTestKit
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Judging a limited liability company")
struct CompanyRulesTests {
  @Test("the sample is lawful, and every violation cites an article")
  func sampleIsLawful() {
    #expect(brokenRules(CompanyDetails.sample()) == [])
    let broken = CompanyDetails.sample(
      capital: 0,
      shareholders: [],
      directors: [],
      supervisors: [Person.t01, Person.t01]
    )
    let violations = FilingRules.violations(
      in: .sample(content: .sample(.company(broken))),
      on: today,
      under: .current
    )
    #expect(violations.count >= 5)
    #expect(violations.allSatisfy { !$0.basis.isEmpty && !$0.description.isEmpty })
  }

  @Test("1 to 50 shareholders are lawful", arguments: [(0, 1), (2, 0), (50, 0), (51, 1)])
  func shareholderLimit(count: Int, violations: Int) {
    let shareholders = Person.crowd(count).map { Contributor.sample($0, 100) }
    let company = CompanyDetails.sample(
      capital: max(1, Int64(count) * 100),
      shareholders: shareholders
    )
    let rules = brokenRules(company, type: "1130")
    #expect(rules.filter { $0 == "SHAREHOLDER_COUNT_UNLAWFUL" }.count == violations)
  }

  @Test("a company of a sole natural person has exactly one shareholder, a person")
  func soleShareholder() {
    #expect(brokenRules(CompanyDetails.sample(), type: "1151") == [])
    let two = [Contributor.sample(Person.t01, 100), .sample(Person.t02, 100)]
    #expect(
      brokenRules(CompanyDetails.sample(shareholders: two), type: "1151")
        == ["SOLE_SHAREHOLDER_REQUIRED"]
    )
    let organization = [Contributor.sample(Organization.mingche, 100)]
    #expect(
      brokenRules(CompanyDetails.sample(shareholders: organization), type: "1151")
        == ["SOLE_SHAREHOLDER_REQUIRED"]
    )
  }

  @Test("natural persons hold at least half of a company of theirs", arguments: [(50, 0), (49, 1)])
  func naturalControl(percent: Int64, violations: Int) {
    let shareholders = [
      Contributor.sample(Person.t01, percent), .sample(Organization.mingche, 100 - percent),
    ]
    let rules = brokenRules(CompanyDetails.sample(shareholders: shareholders))
    #expect(rules == (violations == 0 ? [] : ["NATURAL_PERSONS_NOT_IN_CONTROL"]))
  }

  @Test("capital is above 0 and the sum of what is subscribed")
  func capital() {
    #expect(
      brokenRules(CompanyDetails.sample(capital: 0)) == ["CAPITAL_NOT_POSITIVE"]
    )
    #expect(brokenRules(CompanyDetails.sample(capital: 9_999_999)) == ["CAPITAL_SUM_MISMATCH"])
    #expect(brokenRules(CompanyDetails.sample(capital: 10_000_000)) == [])
    let smallest = [Contributor.sample(Person.t01, 1)]
    #expect(brokenRules(CompanyDetails.sample(shareholders: smallest)) == [])
  }

  @Test("a sum beyond the range of the type is no crash but a mismatch")
  func capitalOverflows() {
    let shareholders = [
      Contributor.sample(Person.t01, .max), .sample(Person.t02, .max),
    ]
    let company = CompanyDetails.sample(capital: .max, shareholders: shareholders)
    #expect(brokenRules(company) == ["CAPITAL_SUM_MISMATCH"])
  }

  @Test("each contribution is above 0", arguments: [(1, 0), (0, 1), (-1, 1)] as [(Int64, Int)])
  func contributions(fen: Int64, violations: Int) {
    let shareholders = [Contributor.sample(Person.t01, fen), .sample(Person.t02, 100)]
    let rules = brokenRules(CompanyDetails.sample(shareholders: shareholders))
    #expect(rules == (violations == 0 ? [] : ["CONTRIBUTION_NOT_POSITIVE"]))
  }

  @Test(
    "capital is paid in within 5 years under current law, whenever under the law of 2017",
    arguments: [("2031-11-23", 0), ("2031-11-24", 1)]
  )
  func dueDates(day: String, violations: Int) {
    let shareholders = [Contributor.sample(Person.t01, 100, due: day)]
    let company = CompanyDetails.sample(shareholders: shareholders)
    #expect(brokenRules(company) == (violations == 0 ? [] : ["CONTRIBUTION_DUE_LATE"]))
    #expect(brokenRules(company, under: .law2017) == [])
  }

  @Test(
    "there is one director, or a board of 3 or more, of at most 13 under the law of 2017",
    arguments: [(0, 1, 1), (1, 0, 0), (2, 1, 1), (3, 0, 0), (13, 0, 0), (14, 0, 1)]
  )
  func directorCount(count: Int, current: Int, of2017: Int) {
    let directors = Array(([Person.t01] + Person.crowd(13)).prefix(count))
    let company = CompanyDetails.sample(directors: directors)
    let rule = "DIRECTOR_COUNT_UNLAWFUL"
    #expect(brokenRules(company) == (current == 0 ? [] : [rule]))
    #expect(brokenRules(company, under: .law2017) == (of2017 == 0 ? [] : [rule]))
  }

  @Test(
    "there is no supervisor by consent, one, or a board of 3 or more",
    arguments: [(0, 0, 1), (1, 0, 0), (2, 1, 0), (3, 0, 0)]
  )
  func supervisorCount(count: Int, current: Int, of2017: Int) {
    let company = CompanyDetails.sample(supervisors: Person.crowd(count))
    let rule = "SUPERVISOR_COUNT_UNLAWFUL"
    #expect(brokenRules(company) == (current == 0 ? [] : [rule]))
    #expect(brokenRules(company, under: .law2017) == (of2017 == 0 ? [] : [rule]))
  }

  @Test("the legal representative is a director or the manager")
  func legalRepresentative() {
    let asManager = CompanyDetails.sample(
      legalRepresentative: Person.t03,
      directors: [Person.t01],
      manager: Person.t03
    )
    #expect(brokenRules(asManager) == [])
    let asDirector = CompanyDetails.sample(manager: nil)
    #expect(brokenRules(asDirector) == [])
    let asNeither = CompanyDetails.sample(legalRepresentative: Person.t03, manager: nil)
    #expect(brokenRules(asNeither) == ["LEGAL_REPRESENTATIVE_NOT_OFFICER"])
  }

  @Test("neither a director nor the manager is a supervisor; a shareholder may be")
  func incompatibility() {
    let director = CompanyDetails.sample(supervisors: [Person.t01], manager: nil)
    #expect(brokenRules(director) == ["SUPERVISOR_INCOMPATIBLE"])
    let manager = CompanyDetails.sample(supervisors: [Person.t03], manager: Person.t03)
    #expect(brokenRules(manager) == ["SUPERVISOR_INCOMPATIBLE"])
    let shareholders = [Contributor.sample(Person.t01, 100), .sample(Person.t02, 100)]
    #expect(
      brokenRules(CompanyDetails.sample(shareholders: shareholders, supervisors: [Person.t02]))
        == []
    )
  }

  @Test("nobody stands twice in one list")
  func duplicates() {
    let shareholders = [Contributor.sample(Person.t01, 100), .sample(Person.t01, 100)]
    #expect(brokenRules(CompanyDetails.sample(shareholders: shareholders)) == ["PARTY_DUPLICATE"])
    let directors = [Person.t01, Person.t03, Person.t03]
    #expect(brokenRules(CompanyDetails.sample(directors: directors)) == ["PARTY_DUPLICATE"])
    let supervisors = [Person.t02, Person.t04, Person.t02]
    #expect(brokenRules(CompanyDetails.sample(supervisors: supervisors)) == ["PARTY_DUPLICATE"])
  }

  @Test(
    "officers are 18 on the day of the filing",
    arguments: [("20081123", true), ("20081124", false)]
  )
  func ages(birth: String, isAdult: Bool) {
    let young = Person.born(birth)
    #expect(
      brokenRules(CompanyDetails.sample(supervisors: [young]))
        == (isAdult ? [] : ["OFFICER_MINOR"])
    )
    let representative = CompanyDetails.sample(
      legalRepresentative: young,
      directors: [young],
      manager: nil
    )
    #expect(
      brokenRules(representative)
        == (isAdult ? [] : ["LEGAL_REPRESENTATIVE_MINOR", "OFFICER_MINOR"])
    )
    let manager = CompanyDetails.sample(manager: young)
    #expect(brokenRules(manager) == (isAdult ? [] : ["OFFICER_MINOR"]))
  }

  @Test("a minor may hold shares only through a guardian, at the window")
  func minorShareholder() {
    let shareholders = [
      Contributor.sample(Person.t01, 100), .sample(Person.minor, 100),
    ]
    #expect(
      brokenRules(CompanyDetails.sample(shareholders: shareholders)) == ["MINOR_NEEDS_GUARDIAN"]
    )
  }

  @Test("no shareholder of a company is marked as a farmer")
  func farmers() {
    let shareholders = [Contributor.sample(Person.t01, 100, farmer: true)]
    #expect(
      brokenRules(CompanyDetails.sample(shareholders: shareholders)) == ["FARMER_MARK_MISPLACED"]
    )
  }
}
