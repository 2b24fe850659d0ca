internal import Accounts
internal import Entities
internal import Identity
internal import Postgres
internal import Vocabulary

/// Who looks at archives, and so which of them he sees.
///
/// Staff see the archives that their authority keeps; the provincial authority and auditors see all.
/// A real-name account sees the archive of an entity whose legal representative or operator its holder
/// is; a claimed identity that no library has confirmed opens nothing.
///
/// Source: Implementing Rules for the Regulations on the Registration of Market Entities, art. 60, 61.
struct ArchiveViewer {
  private enum Kind {
    case staff(StaffCaller)
    case account(Account)
  }

  private let kind: Kind
  private let register: EntityRegister

  /// The viewer who calls.
  ///
  /// - Throws: `IdentityError` unless it is an account or a registrar.
  init(_ caller: Caller, in transaction: Transaction) async throws {
    register = EntityRegister(transaction)
    if case .staff(let staff) = caller {
      kind = .staff(staff)
      return
    }
    let id = try caller.requireAccount().id
    guard let account = try await AccountDirectory(transaction).account(id) else {
      throw IdentityError.unauthenticated
    }
    kind = .account(account)
  }

  /// Whether the viewer sees an entity's archive.
  ///
  /// - Parameters:
  ///   - creditCode: The entity's code.
  ///   - authority: The authority that keeps the archive.
  /// - Returns: Whether he does.
  /// - Throws: `PostgresError`.
  func sees(
    _ creditCode: UnifiedSocialCreditCode,
    keptBy authority: RegionCode
  ) async throws -> Bool {
    switch kind {
    case .staff(let staff):
      return staff.authority == authority || staff.authority == .liaoning
        || staff.roles.contains(.auditor)
    case .account(let account):
      guard account.verification == .verified, let person = account.holder.person else {
        return false
      }
      let signatory = try await register.statutorySignatory(of: creditCode)
      return signatory.map { $0.isSamePerson(as: person) } ?? false
    }
  }
}
