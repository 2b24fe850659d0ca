package import APIConventions
package import GRPCCore
package import Vocabulary

/// Who is calling.
package enum Caller: Hashable, Sendable {
  /// Nobody that we know.
  case anonymous
  /// The holder of a session.
  case account(AccountCaller)
  /// A registrar, by the certificate of the inner listener.
  case staff(StaffCaller)
  /// A partner system, by its certificate on the outer listener.
  case partner(PartnerCaller)

  /// The caller's resource name, as the trace keeps it: `accounts/…`, `staff/…`, `partners/…`, or
  /// `anonymous`.
  package var name: String {
    switch self {
    case .anonymous: "anonymous"
    case .account(let account): account.name
    case .staff(let staff): staff.name
    case .partner(let partner): partner.name
    }
  }

  /// The roles that the caller holds, for the permission table.
  package var roles: Set<Role> {
    switch self {
    case .anonymous: [.anyone]
    case .account: [.anyone, .account]
    case .staff(let staff): staff.roles.union([.anyone])
    case .partner: [.anyone, .partner]
    }
  }

  /// The account, where only one may call.
  ///
  /// - Throws: `IdentityError.unauthenticated`.
  package func requireAccount() throws(IdentityError) -> AccountCaller {
    guard case .account(let account) = self else { throw .unauthenticated }
    return account
  }

  /// The member of staff, where only one may call.
  ///
  /// - Throws: `IdentityError.permissionDenied`.
  package func requireStaff() throws(IdentityError) -> StaffCaller {
    guard case .staff(let staff) = self else { throw .permissionDenied("") }
    return staff
  }
}

/// The holder of a session.
package struct AccountCaller: Hashable, Sendable {
  /// The account.
  package let id: RegionalID
  /// The session's id, to end it by.
  package let session: [UInt8]

  /// An account by its session.
  package init(id: RegionalID, session: [UInt8]) {
    self.id = id
    self.session = session
  }

  /// `accounts/{account}`.
  package var name: String { id.name(in: "accounts") }
}

/// A registrar (登记人员).
package struct StaffCaller: Hashable, Sendable {
  /// The staff number, for instance `S0001`.
  package let number: String
  /// The authority that the registrar works for.
  package let authority: RegionCode
  /// Clerk, examiner, head, archivist, administrator, auditor: one or more.
  package let roles: Set<Role>
  /// The registrar's resident identity number, so that nobody decides a filing of his own.
  package let identityNumber: String

  /// A member of staff.
  package init(number: String, authority: RegionCode, roles: Set<Role>, identityNumber: String) {
    self.number = number
    self.authority = authority
    self.roles = roles
    self.identityNumber = identityNumber
  }

  /// `staff/{number}`.
  package var name: String { "staff/\(number)" }
}

/// A partner system: a bank, the tax department, another department.
package struct PartnerCaller: Hashable, Sendable {
  /// The partner's id, for instance `icbc-shenyang`.
  package let id: String
  /// The purposes that its grant names, for instance `ACCOUNT_OPENING`.
  package let purposes: Set<String>
  /// The fields of a licence's face that it may see, by proto name.
  package let fields: Set<String>

  /// A partner with its grant.
  package init(id: String, purposes: Set<String>, fields: Set<String>) {
    self.id = id
    self.purposes = purposes
    self.fields = fields
  }

  /// `partners/{id}`.
  package var name: String { "partners/\(id)" }
}

/// In which capacity somebody calls.
package enum Role: String, CaseIterable, Sendable {
  /// Whoever reaches the listener.
  case anyone
  /// The holder of a session.
  case account
  /// A partner system.
  case partner
  /// A clerk who accepts (受理员).
  case clerk
  /// An examiner who examines and approves (核准员).
  case examiner
  /// The head of an authority (负责人).
  case head
  /// An archivist (档案员).
  case archivist
  /// An administrator of reference data.
  case administrator
  /// An auditor.
  case auditor
}

/// What the call policy hands to a handler in `ServerContext.transportSpecific`.
package struct CallContext: ServerContext.TransportSpecific {
  /// Who is calling.
  package let caller: Caller
  /// The listener that the call came in by.
  package let listener: Listener

  /// A call by `caller`.
  package init(caller: Caller, listener: Listener) {
    self.caller = caller
    self.listener = listener
  }
}

/// The two ways into the house (外网, 内网).
package enum Listener: String, Sendable {
  /// For applicants, partners and the public.
  case outer
  /// For staff.
  case inner
}

extension Caller {
  /// The caller that the call policy has found.
  ///
  /// - Throws: `IdentityError.unauthenticated` if the call did not come through the call policy.
  package init(_ context: ServerContext) throws(IdentityError) {
    guard let call = context.transportSpecific as? CallContext else { throw .unauthenticated }
    self = call.caller
  }
}
