internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// Who looks at tasks, and so which of them he sees and whose numbers are masked.
enum TaskViewer {
  /// A registrar of an authority, who sees the tasks of its filings.
  case staff(RegionCode)
  /// An account, by its holder's identity number or credit code.
  case account(RegionalID, code: String)

  /// The viewer who calls.
  ///
  /// - Throws: `IdentityError` unless it is an account or a registrar.
  init(_ caller: Caller, in transaction: Transaction) async throws {
    if case .staff(let staff) = caller {
      self = .staff(staff.authority)
      return
    }
    let id = try caller.requireAccount().id
    guard let account = try await AccountDirectory(transaction).account(id) else {
      throw IdentityError.unauthenticated
    }
    self.init(account)
  }

  /// The holder of an account.
  init(_ account: Account) {
    self = .account(account.id, code: account.holder.code)
  }

  /// The viewer's own identity number or credit code.
  var code: String? {
    switch self {
    case .staff: nil
    case .account(_, let code): code
    }
  }

  /// Whether the viewer sees every signer's tasks of a filing.
  func seesAll(of task: SignatureTask) -> Bool {
    switch self {
    case .staff(let authority): task.filing.region == authority
    case .account(let id, _): task.applicant == id
    }
  }

  /// Whether the viewer sees a task.
  func sees(_ task: SignatureTask) -> Bool {
    if seesAll(of: task) { return true }
    guard let code else { return false }
    return task.party.code == code || task.signatory?.identityNumber.description == code
  }

  /// A task for a reply to this viewer.
  func proto(of task: SignatureTask, at instant: Date) -> Liaoning_Registry_V1_SignatureTask {
    task.proto(masked: task.party.code != code, at: instant)
  }
}

/// A page of a list of tasks, as it is asked for.
struct TaskPage {
  private static let list = "signatureTasks"

  /// Only tasks of this filing.
  let filing: RegionalID?
  /// How many.
  let size: PageSize
  /// Where to go on.
  let position: SignatureStore.Position?

  /// Parses a request.
  ///
  /// - Throws: `PagingError`, `SignatureError.requestInvalid`.
  init(_ request: Liaoning_Registry_V1_ListSignatureTasksRequest) throws {
    size = try PageSize(request.pageSize)
    if request.filing.isEmpty {
      filing = nil
    } else if let id = RegionalID(resourceName: request.filing, collection: "filings") {
      filing = id
    } else {
      throw SignatureError.requestInvalid([
        Violation(
          field: "filing",
          rule: "FILING_NAME_MALFORMED",
          description: "格式应为 filings/{filing}。"
        )
      ])
    }
    position = try PageToken.position(request.pageToken, in: Self.list)
      .map { SignatureStore.Position(createTime: $0.time, id: $0.id) }
  }

  /// The reply: `tasks` holds one more than the page if there is a next one.
  func response(
    _ tasks: [SignatureTask],
    for viewer: TaskViewer,
    at instant: Date
  ) -> Liaoning_Registry_V1_ListSignatureTasksResponse {
    .with {
      let shown = tasks.prefix(size.rows)
      $0.signatureTasks = shown.map { viewer.proto(of: $0, at: instant) }
      guard tasks.count > size.rows, let last = shown.last else { return }
      $0.nextPageToken = PageToken(list: Self.list, after: last.createTime, last.id.uuid).text
    }
  }
}

extension SignatureStore {
  /// The tasks on a page that a viewer sees, and one more if there is a next page.
  func tasks(on page: TaskPage, for viewer: TaskViewer) async throws -> [SignatureTask] {
    let limit = page.size.rows + 1
    if let filing = page.filing {
      let sample = try await tasks(of: filing, after: nil, limit: 1)
      if let task = sample.first, viewer.seesAll(of: task) {
        return try await tasks(of: filing, after: page.position, limit: limit)
      }
    }
    guard let code = viewer.code else { return [] }
    return try await tasks(
      concerning: code,
      in: page.filing,
      after: page.position,
      limit: limit
    )
  }
}

extension RegionalID {
  /// Parses `signatureTasks/{signature_task}`.
  ///
  /// - Throws: `SignatureError.notFound` for anything else.
  init(taskName: String) throws(SignatureError) {
    guard let id = RegionalID(resourceName: taskName, collection: "signatureTasks") else {
      throw .notFound(taskName)
    }
    self = id
  }
}
