internal import APIConventions
internal import Foundation
internal import Ledger
internal import Postgres
internal import RegistryTestKit
internal import RoomsTestKit
internal import Signatures
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Keeping filings", .database(filingsMigrations))
struct StoreTests {
  @Test("the schema lets a filing move exactly as the code does", arguments: Filing.State.allCases)
  func transitions(from state: Filing.State) async throws {
    let database = try TestDatabase.ofSuite()
    let lawful = Set(Deed.allCases.compactMap { $0.moves[state] })
    for next in Filing.State.allCases {
      let filing = Filing.sample(state)
      var refusal: PostgresError?
      do {
        try await database.withTransaction { transaction in
          try await transaction.execute(inserting(filing))
          try await transaction.execute(moving(filing, to: next))
          // The deferred demand for an event is another matter; nothing of this is kept.
          throw RolledBack()
        }
      } catch let error as PostgresError {
        refusal = error
      } catch is RolledBack {
        refusal = nil
      }
      #expect(
        (refusal == nil) == lawful.contains(next),
        "from \(state) to \(next): \(refusal as Any)"
      )
      if let refusal { #expect(refusal.constraintName == "a_filing_moves_lawfully") }
    }
  }

  @Test("a step before the authority is written in place: it changes nothing that an index holds")
  func stepsInPlace() async throws {
    let indexes = try await TestDatabase.ofSuite().query(
      """
      SELECT i.indexdef
      FROM pg_indexes i
      WHERE i.schemaname = 'filings' AND i.tablename = 'filing'
      """
    ).map { try $0.decode(String.self) }
    #expect(indexes.count >= 5)
    for index in indexes {
      let names = index.split { !($0.isLetter || $0 == "_") }
      let changed = ["state", "accept_time", "examine_time", "accepted_by", "due_date", "version"]
      #expect(Set(names.map(String.init)).isDisjoint(with: changed), "\(index)")
    }
  }

  @Test("content changes in a draft only")
  func sealedContent() async throws {
    let database = try TestDatabase.ofSuite()
    let filing = Filing.sample(.submitted)
    await #expect {
      try await database.withTransaction { transaction in
        try await transaction.execute(inserting(filing))
        try await transaction.execute(
          """
          UPDATE filings.filing
          SET content = '\\x00', version = 2, state = 'accepted', accept_time = now(),
            accepted_by = 'staff/S0001'
          WHERE filing_id = \(filing.id.uuid)
          """
        )
      }
    } throws: { error in
      (error as? PostgresError)?.constraintName == "a_filing_is_edited_as_a_draft"
    }
  }

  @Test("a change without its event does not commit")
  func eventIsDemanded() async throws {
    let database = try TestDatabase.ofSuite()
    await #expect {
      try await database.withTransaction { transaction in
        try await transaction.execute(inserting(Filing.sample()))
      }
    } throws: { error in
      (error as? PostgresError)?.constraintName == "a_change_has_its_event"
    }
  }

  @Test("what is kept is read as it was, and a second writer is refused")
  func staleness() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let family = IndividualBusinessDetails(
      form: .family,
      operator: Person.t08,
      familyMembers: [Person.t09]
    )
    let filing = Filing.sample(content: .sample(.individualBusiness(family), termEnd: "2046-01-01"))
    try await counter.atDesk { desk, _ in
      try await desk.insert(filing, by: "system", at: nineOClock)
    }
    let read = try await counter.atDesk { desk, _ in try await desk.lockedFiling(filing.id) }
    #expect(read == filing)
    let edited = try filing.edited(.sample())
    try await counter.atDesk { desk, _ in
      try await desk.save(edited, over: filing, .filingEdited, by: "system", at: nineOClock)
    }
    await #expect(throws: FilingError.stale(filing.id)) {
      try await counter.atDesk { desk, _ in
        try await desk.save(edited, over: filing, .filingEdited, by: "system", at: nineOClock)
      }
    }
  }

  @Test("one live filing holds a reservation, by the schema too")
  func reservationIsHeldOnce() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let first = Filing.sample()
    let second = Filing(
      id: RegionalID(region: first.id.region, uuid: UUID()),
      business: .establishment,
      name: first.name,
      content: first.content,
      number: "21010020261123010000028",
      applicant: first.applicant,
      at: nineOClock
    )
    try await counter.atDesk { desk, _ in
      try await desk.insert(
        Filing(
          id: first.id,
          business: .establishment,
          name: first.name,
          content: first.content,
          number: "21010020261123010000036",
          applicant: first.applicant,
          at: nineOClock
        ),
        by: "system",
        at: nineOClock
      )
    }
    await #expect(throws: FilingError.reservationHeld) {
      try await counter.atDesk { desk, _ in
        try await desk.insert(second, by: "system", at: nineOClock)
      }
    }
  }

  @Test("an authority's queue holds what waits for it, oldest submission first, page by page")
  func queue() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let content = FilingContent.sample(
      region: "210702",
      domicile: "辽宁省锦州市古塔区试验路10号"
    )
    var ids: [UUID] = []
    for index in 0..<5 {
      let instant = nineOClock.addingTimeInterval(Double(index))
      let filing = Filing(
        id: Filing.sample(content: content).id,
        business: .establishment,
        name: Filing.sample(content: content, in: "210700").name,
        content: content,
        number: "2107002026112301000\(index)000",
        applicant: Filing.sample().applicant,
        at: instant
      )
      ids.append(filing.id.uuid)
      try await counter.atDesk { desk, transaction in
        try await desk.insert(filing, by: "system", at: instant)
        var moved = filing
        moved.state = .awaitingSignatures
        moved.prepareTime = instant
        moved.version += 1
        try await desk.save(moved, over: filing, .filingPrepared, by: "system", at: instant)
        let submitted = try moved.submitted(
          with: .init(total: 1, signed: 1, refusal: nil),
          at: instant,
          dueDate: today
        )
        try await desk.save(submitted, over: moved, .filingSubmitted, by: "system", at: instant)
      }
    }
    let authority = try #require(RegionCode("210700"))
    func page(_ last: Filing?) async throws -> [Filing] {
      try await counter.atDesk { desk, _ in
        try await desk.queue(
          authority: authority,
          states: [.submitted, .accepted],
          after: last.flatMap { filing in filing.submitTime.map { ($0, filing.id.uuid) } },
          limit: 2
        )
      }
    }
    let first = try await page(nil)
    let second = try await page(first.last)
    let third = try await page(second.last)
    #expect((first + second + third).map(\.id.uuid) == ids)
    #expect(third.first?.dueDate == today)
    let none = try await counter.atDesk { desk, _ in
      try await desk.queue(authority: authority, states: [.examined, .draft], after: nil, limit: 9)
    }
    #expect(none.isEmpty)
  }
}

private struct RolledBack: Error {}

/// A row in any state, with whatever that state demands.
private func inserting(_ filing: Filing) throws -> SQL {
  """
  INSERT INTO filings.filing (region_code, filing_id, business, filing_number, reservation_region,
    reservation_id, enterprise_name, reserved_type, reserved_region, applicant_region, applicant_id,
    entity_type, content, state, create_time, version, prepare_time, submit_time, accept_time,
    examine_time, accepted_by, decide_time, entity, decision_reason)
  SELECT \(filing.id.region.rawValue), \(filing.id.uuid), 'establishment',
    left(\(filing.id.uuid)::text, 23), 210100, \(UUID()), '名称', '1151', 210100, 210000, \(UUID()),
    '1151', \(try filing.content.storedBytes()), s.state, now(), 1, now(), now(), now(), now(),
    'staff/S0001',
    CASE WHEN s.state IN ('not_accepted', 'completed', 'rejected', 'archived') THEN now() END,
    CASE WHEN s.state IN ('completed', 'archived') THEN '91210100XX0000019C' END,
    CASE WHEN s.state IN ('not_accepted', 'rejected') THEN '理由' END
  FROM (SELECT \(filing.state.rawValue)::filings.filing_state AS state) AS s
  """
}

/// Moves that row to any state, with whatever that state demands.
private func moving(_ filing: Filing, to state: Filing.State) -> SQL {
  """
  UPDATE filings.filing f
  SET state = s.state,
      version = 2,
      decide_time =
        CASE WHEN s.state IN ('not_accepted', 'completed', 'rejected', 'archived') THEN now() END,
      entity = CASE WHEN s.state IN ('completed', 'archived') THEN '91210100XX0000019C' END,
      decision_reason = CASE WHEN s.state IN ('not_accepted', 'rejected') THEN '理由' END
  FROM (SELECT \(state.rawValue)::filings.filing_state AS state) AS s
  WHERE f.filing_id = \(filing.id.uuid)
  """
}
