package import APIConventions
package import GRPCCore

/// Every expected failure of this room.
package enum NameError: RegistryError, Equatable {
  /// A field is missing or malformed, or the parts do not rebuild the name.
  case malformed([Violation])
  /// Every candidate breaks a naming rule.
  case unlawful([Violation])
  /// A candidate is identical to a name of the library.
  case taken(NameHit, candidate: String)
  /// A candidate is similar to a name of the library, and the risk is not confirmed.
  case similarUnconfirmed(NameHit, candidate: String, count: Int)
  /// A word of a candidate needs an examiner's decision.
  case needsManualReview([Violation])
  /// The declarant holds as many live reservations as may be.
  case hoarding(limit: Int)
  /// There is no such reservation, or it is another's.
  case notFound
  /// The reservation is released, expired or used.
  case notLive(Reservation.State)
  /// A live filing holds the reservation.
  case held
  /// The reservation changed since it was read.
  case stale
  /// Entries of the library that cannot be loaded.
  case libraryInvalid([Violation])

  /// By case.
  package var code: RPCError.Code {
    switch self {
    case .malformed, .unlawful, .libraryInvalid: .invalidArgument
    case .taken: .alreadyExists
    case .similarUnconfirmed, .needsManualReview, .notLive, .held: .failedPrecondition
    case .hoarding: .resourceExhausted
    case .notFound: .notFound
    case .stale: .aborted
    }
  }

  /// By case, as the proto's comments promise.
  package var reason: String {
    switch self {
    case .malformed: "NAME_REQUEST_INVALID"
    case .unlawful: "NAME_INVALID"
    case .taken: "NAME_TAKEN"
    case .similarUnconfirmed: "NAME_SIMILAR_UNCONFIRMED"
    case .needsManualReview: "NAME_NEEDS_MANUAL_REVIEW"
    case .hoarding: "NAME_HOARDING"
    case .notFound: "RESERVATION_NOT_FOUND"
    case .notLive: "RESERVATION_NOT_LIVE"
    case .held: "RESERVATION_HELD"
    case .stale: "RESERVATION_STALE"
    case .libraryInvalid: "NAME_LIBRARY_INVALID"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .malformed: "A field of the request is missing or malformed."
    case .unlawful: "Every candidate breaks a naming rule. Mend one and declare it again."
    case .taken: "A name of the library is identical. Choose another trade name."
    case .similarUnconfirmed:
      "Names of the library are similar. Read the risk notice and send similar_confirmed."
    case .needsManualReview: "A word of the name needs an examiner's decision at the window."
    case .hoarding(let limit):
      "The declarant holds \(limit) live reservations. Use or release one first."
    case .notFound: "There is no such reservation of yours."
    case .notLive: "The reservation is no longer live. Declare the name anew."
    case .held: "A live filing holds the reservation. Withdraw or delete the filing first."
    case .stale: "The reservation changed since it was read. Read it again."
    case .libraryInvalid: "Entries of the library cannot be loaded."
    }
  }

  /// The hit, the limit, the state.
  package var metadata: [String: String] {
    switch self {
    case .taken(let hit, let candidate): hit.metadata(of: candidate)
    case .similarUnconfirmed(let hit, let candidate, let count):
      hit.metadata(of: candidate).merging(["hit_count": String(count)]) { first, _ in first }
    case .hoarding(let limit): ["limit": String(limit)]
    case .notLive(let state): ["state": state.rawValue.uppercased()]
    case .malformed, .unlawful, .needsManualReview, .notFound, .held, .stale, .libraryInvalid: [:]
    }
  }

  /// Every rule broken.
  package var violations: [Violation] {
    switch self {
    case .malformed(let violations), .unlawful(let violations),
      .needsManualReview(let violations), .libraryInvalid(let violations):
      violations
    case .taken, .similarUnconfirmed, .hoarding, .notFound, .notLive, .held, .stale: []
    }
  }
}

extension NameHit {
  fileprivate func metadata(of candidate: String) -> [String: String] {
    [
      "candidate": candidate,
      "library_id": libraryID,
      "enterprise_name": enterpriseName,
      "rule": rule.rawValue,
    ]
  }
}
