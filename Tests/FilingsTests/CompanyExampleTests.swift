internal import APIConventions
internal import Accounts
internal import RoomsTestKit
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Judging companies that no listed case knows")
struct CompanyExampleTests {
  private typealias Share = Contributor

  private static func company(
    _ shareholders: [Contributor],
    capital: Int64? = nil,
    head: PersonRecord = Stranger.gu,
    directors: [PersonRecord] = [Stranger.gu],
    supervisors: [PersonRecord] = [Stranger.jin],
    manager: PersonRecord? = nil
  ) -> CompanyDetails {
    .sample(
      capital: capital,
      shareholders: shareholders,
      legalRepresentative: head,
      directors: directors,
      supervisors: supervisors,
      manager: manager
    )
  }

  private static let pair = [Share.sample(Stranger.gu, 51), .sample(Stranger.hai, 49)]
  private static let sole = [Share.sample(Stranger.gu, 30_000_000)]

  private static func crowd(_ count: Int) -> [Contributor] {
    Stranger.crowd(count).map { .sample($0, 7) }
  }

  @Test(
    "who holds shares",
    arguments: [
      Example(company: "one person, 1151", company(sole)),
      Example(
        company: "one person, 1130",
        company(sole),
        type: "1130",
        breaks: ["SOLE_SHAREHOLDER_TYPE_REQUIRED"]
      ),
      Example(company: "two people, 1130", company(pair)),
      Example(
        company: "two people, 1151",
        company(pair),
        type: "1151",
        breaks: ["SOLE_SHAREHOLDER_REQUIRED"]
      ),
      Example(company: "49", company(crowd(49))), Example(company: "50", company(crowd(50))),
      Example(company: "51", company(crowd(51)), breaks: ["SHAREHOLDER_COUNT_UNLAWFUL"]),
      Example(
        company: "none, 1130",
        company([], capital: 5),
        type: "1130",
        breaks: ["CAPITAL_SUM_MISMATCH", "SHAREHOLDER_COUNT_UNLAWFUL"]
      ),
      Example(
        company: "none, 1151",
        company([], capital: 5),
        type: "1151",
        breaks: ["CAPITAL_SUM_MISMATCH", "SOLE_SHAREHOLDER_REQUIRED"]
      ),
      Example(
        company: "one company, 1151",
        company([.sample(Stranger.trader, 9)]),
        type: "1151",
        breaks: ["SOLE_SHAREHOLDER_REQUIRED"]
      ),
      Example(
        company: "one company, 1130",
        company([.sample(Stranger.trader, 9)]),
        type: "1130",
        breaks: ["NATURAL_PERSONS_NOT_IN_CONTROL"]
      ),
      Example(
        company: "companies only",
        company([.sample(Stranger.trader, 9), .sample(Stranger.brewery, 9)]),
        breaks: ["NATURAL_PERSONS_NOT_IN_CONTROL"]
      ),
      Example(
        company: "a person with half",
        company([.sample(Stranger.gu, 9), .sample(Stranger.brewery, 9)])
      ),
      Example(
        company: "a person with a fen less than half",
        company([.sample(Stranger.gu, 8), .sample(Stranger.brewery, 9)]),
        breaks: ["NATURAL_PERSONS_NOT_IN_CONTROL"]
      ),
      Example(
        company: "a person twice",
        company([.sample(Stranger.gu, 8), .sample(Stranger.hai, 1), .sample(Stranger.gu, 1)]),
        breaks: ["PARTY_DUPLICATE"]
      ),
      Example(
        company: "a company twice",
        company([
          .sample(Stranger.gu, 8), .sample(Stranger.trader, 1), .sample(Stranger.trader, 1),
        ]),
        breaks: ["PARTY_DUPLICATE"]
      ),
      Example(
        company: "a cooperative holds shares",
        company([.sample(Stranger.gu, 8), .sample(Stranger.growers, 1)])
      ),
      Example(
        company: "an individual business is no shareholder, its operator is",
        company([.sample(Stranger.gu, 8), .sample(Stranger.stall, 1)]),
        breaks: ["INDIVIDUAL_BUSINESS_IS_PARTY"]
      ),
      Example(
        company: "a shareholder not yet born",
        company([.sample(Stranger.gu, 8), .sample(Person.born("20270101"), 1)]),
        breaks: ["BIRTH_DATE_IN_FUTURE", "MINOR_NEEDS_GUARDIAN"]
      ),
      Example(
        company: "a shareholder of 17 years and 364 days",
        company([.sample(Stranger.gu, 8), .sample(Person.born("20081124"), 1)]),
        breaks: ["MINOR_NEEDS_GUARDIAN"]
      ),
      Example(
        company: "a shareholder of 18",
        company([.sample(Stranger.gu, 8), .sample(Person.born("20081123"), 1)])
      ),
    ]
  )
  func shareholders(_ example: Example) { example.judge() }

  @Test(
    "capital and contributions",
    arguments: [
      Example(company: "a fen", company([.sample(Stranger.gu, 1)])),
      Example(
        company: "as much as a number holds",
        company([.sample(Stranger.gu, .max - 1), .sample(Stranger.hai, 1)])
      ),
      Example(
        company: "a fen more than that",
        company([.sample(Stranger.gu, .max), .sample(Stranger.hai, 1)], capital: .max),
        breaks: ["CAPITAL_SUM_MISMATCH"]
      ),
      Example(company: "none", company(pair, capital: 0), breaks: ["CAPITAL_NOT_POSITIVE"]),
      Example(
        company: "less than none",
        company(pair, capital: -100),
        breaks: ["CAPITAL_NOT_POSITIVE"]
      ),
      Example(
        company: "a fen too little",
        company(pair, capital: 99),
        breaks: ["CAPITAL_SUM_MISMATCH"]
      ),
      Example(
        company: "a fen too much",
        company(pair, capital: 101),
        breaks: ["CAPITAL_SUM_MISMATCH"]
      ),
      Example(
        company: "debts for contributions",
        company([.sample(Stranger.gu, -1), .sample(Stranger.hai, 3)], capital: 2),
        breaks: ["CONTRIBUTION_NOT_POSITIVE"]
      ),
    ]
  )
  func capital(_ example: Example) { example.judge() }

  private static func due(_ day: String) -> CompanyDetails {
    company([.sample(Stranger.gu, 51), .sample(Stranger.hai, 49, due: day)])
  }

  @Test(
    "when contributions are due",
    arguments: [
      Example(company: "today", due("2026-11-23")),
      Example(company: "yesterday", due("2026-11-22"), breaks: ["CONTRIBUTION_DUE_PAST"]),
      Example(company: "five years", due("2031-11-23")),
      Example(company: "a day more", due("2031-11-24"), breaks: ["CONTRIBUTION_DUE_LATE"]),
      Example(company: "a day more in 2017", due("2031-11-24"), under: .law2017),
      Example(
        company: "yesterday in 2017",
        due("2026-11-22"),
        under: .law2017,
        breaks: ["CONTRIBUTION_DUE_PAST"]
      ),
      Example(company: "never", due("9999-12-31"), breaks: ["CONTRIBUTION_DUE_LATE"]),
      Example(
        company: "from a leap day to the last of February",
        due("2033-02-28"),
        on: "2028-02-29"
      ),
      Example(
        company: "from a leap day to the first of March",
        due("2033-03-01"),
        on: "2028-02-29",
        breaks: ["CONTRIBUTION_DUE_LATE"]
      ),
      Example(company: "to a leap day", due("2032-02-29"), on: "2027-03-01"),
      Example(
        company: "to a leap day, a day too far",
        due("2032-02-29"),
        on: "2027-02-28",
        breaks: ["CONTRIBUTION_DUE_LATE"]
      ),
    ]
  )
  func dueDates(_ example: Example) { example.judge() }

  private static func board(_ count: Int) -> CompanyDetails {
    company(pair, directors: [Stranger.gu] + Stranger.crowd(count - 1))
  }

  @Test(
    "who holds which office",
    arguments: [
      Example(company: "board of 2", board(2), breaks: ["DIRECTOR_COUNT_UNLAWFUL"]),
      Example(company: "board of 3", board(3)), Example(company: "board of 13", board(13)),
      Example(company: "board of 14", board(14)), Example(company: "board of 21", board(21)),
      Example(company: "board of 13 in 2017", board(13), under: .law2017),
      Example(
        company: "board of 14 in 2017",
        board(14),
        under: .law2017,
        breaks: ["DIRECTOR_COUNT_UNLAWFUL"]
      ),
      Example(
        company: "no director, the manager heads",
        company(pair, directors: [], manager: Stranger.gu),
        breaks: ["DIRECTOR_COUNT_UNLAWFUL"]
      ),
      Example(
        company: "head is manager and no shareholder",
        company(pair, head: Stranger.ye, manager: Stranger.ye)
      ),
      Example(
        company: "head is the third director",
        company(pair, head: Stranger.ye, directors: [Stranger.gu, Stranger.hai, Stranger.ye])
      ),
      Example(
        company: "head is a shareholder only",
        company(pair, head: Stranger.hai),
        breaks: ["LEGAL_REPRESENTATIVE_NOT_OFFICER"]
      ),
      Example(
        company: "head is the supervisor",
        company(pair, head: Stranger.jin),
        breaks: ["LEGAL_REPRESENTATIVE_NOT_OFFICER"]
      ),
      Example(
        company: "head by another's number",
        company(pair, head: Stranger.person("顾临川", "44030519860315003X")),
        breaks: ["LEGAL_REPRESENTATIVE_NOT_OFFICER"]
      ),
      Example(company: "no supervisor", company(pair, supervisors: [])),
      Example(
        company: "no supervisor in 2017",
        company(pair, supervisors: []),
        under: .law2017,
        breaks: ["SUPERVISOR_COUNT_UNLAWFUL"]
      ),
      Example(
        company: "two supervisors",
        company(pair, supervisors: [Stranger.jin, Stranger.ye]),
        breaks: ["SUPERVISOR_COUNT_UNLAWFUL"]
      ),
      Example(
        company: "two supervisors in 2017",
        company(pair, supervisors: [Stranger.jin, Stranger.ye]),
        under: .law2017
      ),
      Example(
        company: "a supervisor is the second director",
        company(
          pair,
          directors: [Stranger.gu, Stranger.hai, Stranger.ye],
          supervisors: [Stranger.hai]
        ),
        breaks: ["SUPERVISOR_INCOMPATIBLE"]
      ),
      Example(
        company: "a supervisor of three is the manager",
        company(
          pair,
          supervisors: [Stranger.jin, Stranger.ye, Stranger.luo],
          manager: Stranger.luo
        ),
        breaks: ["SUPERVISOR_INCOMPATIBLE"]
      ),
      Example(company: "a supervisor is a shareholder", company(pair, supervisors: [Stranger.hai])),
      Example(
        company: "a head of a leap day, the day before the 28th",
        company(pair, head: Stranger.leap, directors: [Stranger.leap]),
        on: "2026-02-27",
        breaks: ["LEGAL_REPRESENTATIVE_MINOR", "OFFICER_MINOR"]
      ),
      Example(
        company: "a head of a leap day, on the 28th",
        company(pair, head: Stranger.leap, directors: [Stranger.leap]),
        on: "2026-02-28"
      ),
      Example(
        company: "one number under two names",
        company(pair, directors: [Stranger.person("顾临州", "110101199912311230")]),
        breaks: ["PERSON_NAME_INCONSISTENT"]
      ),
    ]
  )
  func offices(_ example: Example) { example.judge() }
}
