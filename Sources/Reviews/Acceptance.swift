internal import APIConventions
internal import Accounts
internal import Filings
internal import Foundation
internal import Identity
internal import Ledger
internal import Postgres
internal import RegistryAPI
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

/// An acceptance (受理) that a clerk asks for.
struct Acceptance: Sendable {
  /// Who accepts.
  let staff: StaffCaller
  /// The filing, of the staff's own authority.
  let filing: RegionalID
  /// The etag, as sent.
  let etag: String
  /// The request, to be remembered.
  let request: LoggedRequest
}

/// What no two acceptances of one transaction share.
enum AcceptanceKey: Hashable, Sendable {
  case filing(RegionalID)
  case request(LoggedRequest.Key)
}

typealias AcceptanceBatcher =
  CommandBatcher<Acceptance, AcceptanceKey, Liaoning_Registry_V1_Filing>

extension AcceptanceBatcher {
  /// Does acceptances that come together in one transaction.
  static func acceptances(_ surroundings: Surroundings) -> AcceptanceBatcher {
    AcceptanceBatcher(
      surroundings.database,
      keys: { [.filing($0.filing), .request($0.request.key)] },
      work: { transaction, commands, isAlone in
        let batch = AcceptanceBatch(
          transaction: transaction,
          law: surroundings.law,
          newUUID: surroundings.newUUID
        )
        return try await batch.answers(to: commands, waits: isAlone)
      }
    )
  }
}

/// Acceptances in one transaction: all are read, each is judged by itself, and those that stand are
/// written together, in three round trips.
struct AcceptanceBatch: Sendable {
  typealias Answer = BatchAnswer<Liaoning_Registry_V1_Filing>

  /// The transaction.
  let transaction: Transaction
  /// The law in force.
  let law: LawProfile
  /// Makes ids.
  let newUUID: @Sendable () -> UUID

  /// What the transaction reads of each filing.
  private struct Reading {
    let filings: [RegionalID: Filing]
    let replies: [LoggedRequest.Key: Result<[UInt8], RequestLogError>]
    let reviews: [RegionalID: Review]
    let progress: [UUID: SignatureProgress]
    /// By the identity numbers of those who accept.
    let accounts: [String: Set<RegionalID>]
  }

  /// An acceptance that stands.
  private struct Accepted {
    let place: Int
    let command: Acceptance
    let filing: Filing
    let time: Date
    let series: ReviewStore.Series
    let event: LedgerEntry
    let reply: Liaoning_Registry_V1_Filing
    let replyBytes: [UInt8]

    var day: CivilDate { CivilDate(time) }
  }

  /// Does acceptances and commits.
  ///
  /// - Parameters:
  ///   - commands: No two of one filing or under one request id.
  ///   - waits: Whether to wait for filings that somebody else holds.
  /// - Returns: An answer for each, in its place.
  /// - Throws: What concerns all of them: nothing took effect, or it is in doubt.
  func answers(to commands: [Acceptance], waits: Bool) async throws -> [Answer] {
    let reading = try await read(commands, waits: waits)
    var answers: [Answer?] = commands.map { earlierAnswer(to: $0, reading, waits: waits) }
    var accepted: [Accepted] = []
    for (place, command) in commands.enumerated() where answers[place] == nil {
      guard let filing = reading.filings[command.filing] else { continue }
      do {
        accepted.append(try accept(command, at: place, filing, reading))
      } catch {
        answers[place] = .decided(.failure(error))
      }
    }
    for (place, reply) in try await write(accepted, reading) {
      answers[place] = .decided(.success(reply))
    }
    return answers.map { $0 ?? .alone }
  }

  /// Reads everything that is known by the filings' ids, the filings themselves locked first.
  private func read(_ commands: [Acceptance], waits: Bool) async throws -> Reading {
    let ids = commands.map(\.filing)
    let (filings, replies, reviews, progress, accounts) = try await transaction.run(
      FilingDesk.lockedFilings(ids, waits: waits),
      RequestLog.replies(to: commands.map(\.request)),
      ReviewStore.receptions(of: ids),
      SignatureTasks.progress(of: ids),
      AccountDirectory.accounts(ofPeople: Set(commands.map(\.staff.identityNumber)))
    )
    return Reading(
      filings: filings,
      replies: replies,
      reviews: reviews,
      progress: progress,
      accounts: accounts
    )
  }

  /// The answer to a request that was answered before, or whose filing isn't to be had; nothing for one
  /// that is to be judged.
  private func earlierAnswer(to command: Acceptance, _ reading: Reading, waits: Bool) -> Answer? {
    switch reading.replies[command.request.key] {
    case .success(let bytes):
      return .decided(Result { try Liaoning_Registry_V1_Filing(serializedBytes: bytes) })
    case .failure(let error): return .decided(.failure(error))
    case nil: break
    }
    guard reading.filings[command.filing] == nil else { return nil }
    // Somebody holds it, or there is none: whoever waits for it finds out.
    guard waits else { return .alone }
    return .decided(
      .failure(FilingError.notFound(command.filing.name(in: "filings")))
    )
  }
}

// MARK: Judging

extension AcceptanceBatch {
  /// Judges an acceptance, and makes of it what needs no number.
  ///
  /// - Throws: `FilingError.notSubmitted`, `stale`; `ReviewError.ownFiling`.
  private func accept(
    _ command: Acceptance,
    at place: Int,
    _ filing: Filing,
    _ reading: Reading
  ) throws -> Accepted {
    try ReviewStage.reception.require(filing, etag: command.etag)
    let number = command.staff.identityNumber
    let actsForApplicant = reading.accounts[number]?.contains(filing.applicant) ?? false
    try ReviewRules.requireImpartial(
      command.staff,
      in: filing,
      applicant: actsForApplicant ? [number] : []
    )
    let time = filing.stepTime(command.request.instant)
    let day = CivilDate(time)
    let receipt = filing.submitTime.map { CivilDate($0) } ?? day
    let accepted = try filing.accepted(
      by: command.staff.name,
      at: time,
      dueDate: law.decisionDueDate(
        receipt: receipt,
        acceptance: day,
        entityType: filing.content.entityType
      )
    )
    let reply = FilingDesk.proto(of: accepted, reading.progress[filing.id.uuid] ?? .none)
    return Accepted(
      place: place,
      command: command,
      filing: accepted,
      time: time,
      series: ReviewStore.Series(authority: filing.authority, year: day.year),
      event: try FilingDesk(transaction, newUUID: newUUID)
        .acceptance(of: accepted, by: command.staff.name, at: time),
      reply: reply,
      replyBytes: try reply.serializedBytes()
    )
  }
}

// MARK: Writing

extension AcceptanceBatch {
  /// Writes filings, replies, numbers, reviews and events, and commits.
  ///
  /// - Returns: The replies, by place.
  /// - Throws: `PostgresError`, `AuthorityMissing`.
  private func write(
    _ accepted: [Accepted],
    _ reading: Reading
  ) async throws -> [(place: Int, reply: Liaoning_Registry_V1_Filing)] {
    guard !accepted.isEmpty else { return [] }
    let moments = accepted.map { Authorities.Moment(region: $0.filing.authority, day: $0.day) }
    let counts = Dictionary(accepted.map { ($0.series, 1) }, uniquingKeysWith: +)
    // The serials are locked last: whoever takes one next waits for this commit.
    let (updated, _, authorities, last) = try await transaction.run(
      FilingDesk.saveAccepted(accepted.map(\.filing)),
      RequestLog.remembering(accepted.map { ($0.command.request, $0.replyBytes) }),
      Authorities.authorities(at: Set(moments)),
      ReviewStore.lastSerials(taking: counts)
    )
    guard updated == accepted.count else { throw StoredReviewUnknown() }
    var next = last.merging(counts) { last, count in last - count + 1 }
    var reviews: [Review] = []
    for (one, moment) in zip(accepted, moments) {
      guard let authority = authorities[moment] else {
        throw AuthorityMissing(region: moment.region)
      }
      guard let serial = next[one.series] else { throw StoredReviewUnknown() }
      next[one.series] = serial + 1
      reviews.append(review(of: one, reading, serial, of: authority))
    }
    try await finish(accepted, reviews)
    return accepted.map { ($0.place, $0.reply) }
  }

  private func review(
    of one: Accepted,
    _ reading: Reading,
    _ serial: Int,
    of authority: Authority
  ) -> Review {
    let number = NoticeNumber(
      authority: authority,
      entityType: one.filing.content.entityType,
      year: one.series.year,
      serial: serial
    )
    let clerk = one.command.staff.name
    let earlier =
      reading.reviews[one.filing.id]
      ?? Review(beginning: .accepted, one.filing.id, by: clerk, uuid: newUUID())
    return earlier.accepted(by: clerk, at: one.time, number: number)
  }

  /// Writes reviews and events, and commits.
  private func finish(_ accepted: [Accepted], _ reviews: [Review]) async throws {
    var entries: [LedgerEntry] = []
    for (one, review) in zip(accepted, reviews) {
      let event = review.event(.reviewAccepted, by: one.command.staff.name, at: one.time)
      entries.append(one.event)
      entries.append(try LedgerEntry(event, state: review.proto, id: newUUID()))
    }
    // Few filings were returned before.
    for review in reviews where review.version > 1 {
      try await ReviewStore(transaction).save(review)
    }
    try await transaction.finish([
      ReviewStore.inserting(reviews.filter { $0.version == 1 }), Ledger.appending(entries),
    ])
  }
}
