/// Which role may call which method on which listener: data, deny by default.
package enum Permissions {
  /// The roles that may call a method, by the listener that serves it.
  package struct Rule: Sendable {
    /// Any of these roles is enough; a listener that is not named does not serve the method.
    package fileprivate(set) var roles: [Listener: Set<Role>]

    /// A rule.
    package init(roles: [Listener: Set<Role>]) {
      self.roles = roles
    }

    /// Whether a caller may call on `listener`: as his roles say, without gathering them first.
    package func admits(_ caller: Caller, on listener: Listener) -> Bool {
      guard let admitted = roles[listener] else { return false }
      if admitted.contains(.anyone) { return true }
      return switch caller {
      case .anonymous: false
      case .account: admitted.contains(.account)
      case .staff(let staff): !admitted.isDisjoint(with: staff.roles)
      case .partner: admitted.contains(.partner)
      }
    }

    /// Whether a caller with these roles may call on `listener`.
    package func admits(_ callerRoles: Set<Role>, on listener: Listener) -> Bool {
      !(roles[listener] ?? []).isDisjoint(with: callerRoles)
    }
  }

  /// The rule of a method; nothing means that nobody may call it.
  ///
  /// - Parameters:
  ///   - method: For instance `CheckName`.
  ///   - service: For instance `liaoning.registry.v1.NameService`.
  /// - Returns: The rule, if there is one.
  package static func rule(of method: String, in service: String) -> Rule? {
    table[service]?[method]
  }

  /// Every method that somebody may call, as `{service}/{method}`.
  package static var methods: Set<String> {
    Set(table.flatMap { service, methods in methods.keys.map { "\(service)/\($0)" } })
  }

  private static let table: [String: [String: Rule]] = {
    var table: [String: [String: Rule]] = [:]
    for (listener, services) in [(Listener.outer, outer), (.inner, inner)] {
      for (service, methods) in services {
        for (method, roles) in methods {
          table[service, default: [:]][method, default: Rule(roles: [:])].roles[listener] = roles
        }
      }
    }
    return table
  }()

  private typealias Table = [String: [String: Set<Role>]]
  private static let registrars: Set<Role> = [
    .clerk, .examiner, .head, .archivist, .administrator, .auditor,
  ]

  private static let outer: Table = [
    "liaoning.registry.v1.AccountService": [
      "GetAgreement": [.anyone],
      "CreateAccount": [.anyone],
      "CreateLoginChallenge": [.anyone],
      "CreateSession": [.anyone],
      "DeleteSession": [.account],
      "GetAccount": [.account],
      "VerifyAccount": [.account],
      "SignAgreement": [.account],
    ],
    "liaoning.registry.v1.NameService": [
      "CheckName": [.anyone],
      "ReserveName": [.account],
      "GetReservation": [.account],
      "ListReservations": [.account],
      "ReleaseReservation": [.account],
    ],
    "liaoning.registry.v1.FilingService": [
      "CreateFiling": [.account],
      "GetFiling": [.account],
      "ListFilings": [.account],
      "UpdateFiling": [.account],
      "DeleteFiling": [.account],
      "ValidateFiling": [.account],
      "PrepareFiling": [.account],
      "SubmitFiling": [.account],
      "WithdrawFiling": [.account],
      "ListDocuments": [.account],
      "GetDocument": [.account],
    ],
    "liaoning.registry.v1.SignatureService": [
      "ListSignatureTasks": [.account],
      "GetSignatureTask": [.account],
      "OpenSignatureTask": [.account],
      "SignDocument": [.account],
      "RefuseSignature": [.account],
      "VerifySignature": [.account],
    ],
    "liaoning.registry.v1.LicenseService": [
      "GetLicense": [.account],
      "VerifyLicense": [.partner],
      "DownloadLicense": [.account],
    ],
    "liaoning.registry.v1.ArchiveService": [
      "GetArchive": [.account],
      "ListVolumes": [.account],
      "GetVolume": [.account],
      "CheckVolume": [.account],
      "DownloadVolume": [.account],
    ],
    "liaoning.registry.v1.TraceService": [
      "GetEvent": [.account],
      "ListEvents": [.account],
      "GetChainHead": [.account, .partner],
    ],
    "grpc.health.v1.Health": [
      "Check": [.anyone],
      "Watch": [.anyone],
    ],
    "grpc.reflection.v1.ServerReflection": ["ServerReflectionInfo": [.partner]],
    "grpc.reflection.v1alpha.ServerReflection": ["ServerReflectionInfo": [.partner]],
  ]

  private static let inner: Table = [
    "liaoning.registry.v1.AccountService": [
      "GetAgreement": registrars,
      "GetAccount": registrars,
      "CreateRestriction": [.head, .administrator],
      "ListRestrictions": registrars,
      "LiftRestriction": [.head, .administrator],
    ],
    "liaoning.registry.v1.NameService": [
      "CheckName": registrars,
      "GetReservation": registrars,
      "ImportNames": [.administrator],
    ],
    "liaoning.registry.v1.FilingService": [
      "GetFiling": registrars,
      "ListDocuments": registrars,
      "GetDocument": registrars,
    ],
    "liaoning.registry.v1.SignatureService": [
      "ListSignatureTasks": registrars,
      "GetSignatureTask": registrars,
      "VerifySignature": registrars,
    ],
    "liaoning.registry.v1.ReviewService": [
      "ListReviewItems": [.clerk, .examiner, .head, .auditor],
      "AcceptFiling": [.clerk],
      "ReturnFiling": [.clerk],
      "DeclineFiling": [.clerk],
      "ExamineFiling": [.examiner],
      "ApproveFiling": [.examiner, .head],
      "RejectFiling": [.examiner, .head],
      "GetReview": registrars,
    ],
    "liaoning.registry.v1.LicenseService": [
      "GetLicense": registrars,
      "VerifyLicense": registrars,
    ],
    "liaoning.registry.v1.ArchiveService": [
      "GetArchive": registrars,
      "ListVolumes": registrars,
      "GetVolume": registrars,
      "PackageVolume": [.archivist],
      "SealVolume": [.archivist],
      "CheckVolume": registrars,
      "DownloadVolume": [.archivist, .auditor],
    ],
    "liaoning.registry.v1.TraceService": [
      "GetEvent": registrars,
      "ListEvents": registrars,
      "GetChainHead": registrars,
      "VerifyChain": [.auditor, .administrator],
    ],
    "grpc.health.v1.Health": [
      "Check": [.anyone],
      "Watch": [.anyone],
    ],
    "grpc.reflection.v1.ServerReflection": ["ServerReflectionInfo": [.administrator]],
    "grpc.reflection.v1alpha.ServerReflection": ["ServerReflectionInfo": [.administrator]],
  ]
}
