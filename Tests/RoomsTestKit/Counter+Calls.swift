internal import Accounts
internal import Filings
internal import Foundation
package import Identity
internal import Names
package import RegistryAPI
internal import Signatures
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

// The calls of a filing's way, as a client makes them.
extension CounterHolder {
  /// Reserves a name fit for a content, of a trade name of its own unless one is given.
  package func reserve(
    for content: Liaoning_Registry_V1_FilingContent,
    by citizen: Citizen,
    trade: String? = nil
  ) async throws -> String {
    let region = try #require(RegionCode(content.domicileRegionCode)).city
    let city = String(region.name.dropLast())
    let (division, industry, form) =
      switch content.details {
      case .company, nil: (city, "软件", "有限公司")
      case .cooperative: (city, "水稻种植", "专业合作社")
      case .individualBusiness: (city + "市", "面", "馆")
      }
    let trade = trade ?? counter.nextTradeName()
    let request = Liaoning_Registry_V1_ReserveNameRequest.with {
      $0.candidates = [
        .with {
          $0.enterpriseName = division + trade + industry + form
          $0.tradeName = trade
          $0.industryWords = industry
          $0.industryClass = "6513"
          $0.entityType = content.entityType
          $0.regionCode = region.description
        }
      ]
      $0.similarConfirmed = true
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await names.reserveName(request: request, context: $0).name
    }
  }

  /// Opens a draft with a name of its own, or one that is reserved.
  package func open(
    _ content: Liaoning_Registry_V1_FilingContent,
    by citizen: Citizen,
    reservation: String? = nil
  ) async throws -> Liaoning_Registry_V1_Filing {
    let held: String
    if let reservation {
      held = reservation
    } else {
      held = try await reserve(for: content, by: citizen)
    }
    let request = Liaoning_Registry_V1_CreateFilingRequest.with {
      $0.filing.business = .establishment
      $0.filing.reservation = held
      $0.filing.content = content
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.createFiling(request: request, context: $0)
    }
  }

  /// Prepares a draft: its papers are rendered.
  package func prepare(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_PrepareFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.prepareFiling(request: request, context: $0)
    }
  }

  /// Submits a filing that all have signed.
  package func submit(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_SubmitFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.submitFiling(request: request, context: $0)
    }
  }

  /// Changes the content of a draft.
  package func update(
    _ filing: Liaoning_Registry_V1_Filing,
    paths: [String] = [],
    by citizen: Citizen,
    _ change: (inout Liaoning_Registry_V1_FilingContent) -> Void
  ) async throws -> Liaoning_Registry_V1_Filing {
    var request = Liaoning_Registry_V1_UpdateFilingRequest.with {
      $0.filing = filing
      $0.updateMask.paths = paths
      $0.requestID = UUID().uuidString
    }
    change(&request.filing.content)
    return try await call(as: citizen.caller) { [request] context in
      try await filings.updateFiling(request: request, context: context)
    }
  }

  /// Deletes a draft.
  package func delete(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_DeleteFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.deleteFiling(request: request, context: $0)
    }
  }

  /// Withdraws a filing from the authority.
  package func withdraw(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_WithdrawFilingRequest.with {
      $0.name = filing.name
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.withdrawFiling(request: request, context: $0)
    }
  }

  /// Reads a filing.
  package func get(_ name: String, as caller: Caller) async throws -> Liaoning_Registry_V1_Filing {
    try await call(as: caller) {
      try await filings.getFiling(request: .with { $0.name = name }, context: $0)
    }
  }

  /// A citizen's own tasks of a filing.
  package func tasks(
    of filing: Liaoning_Registry_V1_Filing,
    for caller: Caller
  ) async throws -> [Liaoning_Registry_V1_SignatureTask] {
    try await call(as: caller) {
      try await signatures.listSignatureTasks(
        request: .with { $0.filing = filing.name },
        context: $0
      ).signatureTasks
    }
  }

  /// Opens a task.
  package func openTask(
    _ task: Liaoning_Registry_V1_SignatureTask,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    try await call(as: citizen.caller) {
      try await signatures.openSignatureTask(
        request: .with {
          $0.name = task.name
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  /// Signs a task.
  package func sign(
    _ task: Liaoning_Registry_V1_SignatureTask,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    let request = try citizen.signing(task, at: now)
    return try await call(as: citizen.caller) {
      try await signatures.signDocument(request: request, context: $0)
    }
  }

  /// Opens and signs everything of a filing that waits for a citizen.
  package func signAll(of filing: Liaoning_Registry_V1_Filing, by citizen: Citizen) async throws {
    for task in try await tasks(of: filing, for: citizen.caller)
    where task.state == .pending && isFor(citizen, task) {
      _ = try await openTask(task, by: citizen)
      _ = try await sign(task, by: citizen)
    }
  }

  /// The whole way to the authority: papers rendered, signed by all who must, submitted by the first.
  package func brought(
    _ content: Liaoning_Registry_V1_FilingContent,
    by citizens: [Citizen]
  ) async throws -> Liaoning_Registry_V1_Filing {
    let applicant = try #require(citizens.first)
    let prepared = try await prepare(try await open(content, by: applicant), by: applicant)
    for citizen in citizens { try await signAll(of: prepared, by: citizen) }
    return try await submit(prepared, by: applicant)
  }

  private func isFor(_ citizen: Citizen, _ task: Liaoning_Registry_V1_SignatureTask) -> Bool {
    switch task.party.kind {
    case .person(let person):
      person.identityNumber == citizen.person.identityNumber.description
    case .organization, nil: task.signatoryName == citizen.person.fullName
    }
  }
}
