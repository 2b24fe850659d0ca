internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

// Step 4: every signer signs, an organization through its legal representative.
extension Journey {
  /// Those who are to sign do so, whatever tasks they find.
  mutating func sign(_ step: Scenario.Step) async throws {
    for signer in try signers(step) {
      for task in try await openTasks(of: signer, step.document) {
        try await sign(task, as: signer)
      }
    }
    try await refresh()
  }

  /// A signer refuses the first task found.
  mutating func refuse(_ step: Scenario.Step) async throws {
    let start = ContinuousClock.now
    let signer = try player(step.by.first ?? scenario.applicant)
    guard let task = try await openTasks(of: signer, step.document).first else {
      throw JourneyError.otherwise(step: "refuse", "\(signer.fullName) has nothing to sign")
    }
    _ = try await signer.client.signatures.refuseSignature(
      .with {
        $0.name = task.name
        $0.reason = step.because.isEmpty ? "内容与本人意愿不符" : step.because
      }
    )
    try await refresh()
    tell(.refuse, signer, "refuses to sign \(task.documentTitle)", start)
  }

  private func signers(_ step: Scenario.Step) throws -> [Player] {
    if !step.by.isEmpty { return try step.by.map { try player($0) } }
    return players.sorted { $0.key < $1.key }.map(\.value).filter(\.isPerson)
  }

  /// The tasks that wait for somebody, for himself or for an organization that he represents.
  private func openTasks(
    of signer: Player,
    _ kind: String
  ) async throws -> [Liaoning_Registry_V1_SignatureTask] {
    var wanted: Set<String> = []
    if !kind.isEmpty {
      let documents = try await applicant().client.filings.listDocuments(
        .with { $0.parent = filing.name }
      )
      wanted = Set(documents.documents.filter { Self.name(of: $0.kind) == kind }.map(\.name))
    }
    var tasks: [Liaoning_Registry_V1_SignatureTask] = []
    for try await task in signer.client.signatures.allSignatureTasks(
      .with { $0.filing = filing.name }
    )
    where task.isOpen && task.isFor(signer) && (kind.isEmpty || wanted.contains(task.document)) {
      tasks.append(task)
    }
    return tasks
  }

  private static func name(of kind: Liaoning_Registry_V1_Document.Kind) -> String {
    switch kind {
    case .application: "KIND_APPLICATION"
    case .charter: "KIND_CHARTER"
    case .appointment: "KIND_APPOINTMENT"
    case .foundersMinutes: "KIND_FOUNDERS_MINUTES"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }

  /// Opens the document, makes sure that it is what the task asks to sign, and signs it.
  private func sign(_ task: Liaoning_Registry_V1_SignatureTask, as signer: Player) async throws {
    let start = ContinuousClock.now
    let opened = try await signer.client.signatures.openSignatureTask(.with { $0.name = task.name })
    let document = try await signer.client.filings.getDocument(.with { $0.name = task.document })
    guard document.isTrue, document.pdfSm3 == opened.documentSm3 else {
      throw JourneyError.otherwise(step: "sign", "\(task.document) is not what the task names")
    }
    let strokes = Handwriting.strokes(of: signer.fullName)
    let signed = try await signer.client.signatures.signDocument(
      .signed(
        opened,
        signer: signer.account,
        key: signer.key,
        strokes: strokes,
        device: "registryctl journey",
        at: Date(timeIntervalSinceNow: clockLead)
      )
    )
    let verdict = try await signer.client.signatures.verifySignature(.with { $0.name = task.name })
    guard verdict.valid else {
      throw JourneyError.otherwise(step: "sign", verdict.reasons.joined(separator: "; "))
    }
    let party = task.party.organization.enterpriseName
    narrator.tell(
      .sign,
      signer.fullName,
      "signs \(task.documentTitle)" + (party.isEmpty ? "" : " for \(party)")
        + ", \(strokes.count) strokes",
      "\(signed.state)".uppercased(),
      since: start
    )
  }
}

extension Liaoning_Registry_V1_SignatureTask {
  fileprivate var isOpen: Bool { state == .pending || state == .opened }

  /// Whether somebody is to sign this himself.
  fileprivate func isFor(_ player: Journey.Player) -> Bool {
    switch party.kind {
    case .person(let person): person.identityNumber == player.code
    case .organization: signatoryName == player.fullName
    case nil: false
    }
  }
}
