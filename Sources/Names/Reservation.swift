package import APIConventions
package import Foundation
package import Vocabulary

/// A name reservation (企业名称申报).
package struct Reservation: Hashable, Sendable {
  /// Where it stands.
  package enum State: String, CaseIterable, Sendable {
    /// The name is the declarant's.
    case reserved
    /// Given up by the declarant.
    case released
    /// Its time ran out with no submitted filing keeping it.
    case expired
    /// Consumed by an approval.
    case used
  }

  /// Its id; the region is the scope that the name is compared in.
  package let id: RegionalID
  /// The declaration number (名称申报号): `N` and 23 digits.
  package let number: String
  /// The name.
  package let candidate: NameCandidate
  /// Who declared it.
  package let declarant: RegionalID
  /// What was said of the name when it was reserved: a serialized `CheckNameResponse`.
  let verdict: [UInt8]
  /// When it was reserved.
  package let createTime: Date
  /// Where the row stands; `state(at:)` tells what that means at an instant.
  var storedState: State
  /// The live filing that holds it.
  package internal(set) var filing: RegionalID?
  /// When it expires, exclusive, unless `keptTime` is set.
  package internal(set) var expireTime: Date
  /// When the filing that holds it was submitted: from then on it does not expire.
  package internal(set) var keptTime: Date?
  /// When it was released, expired or used.
  package internal(set) var endTime: Date?
  /// Changes by one with every write, from 1.
  package internal(set) var version: Int64

  /// The set of names that it is compared in: 210000 or a city's code.
  package var scope: RegionCode { id.region }

  /// `reservations/{reservation}`.
  package var name: String { id.name(in: "reservations") }

  /// Where it stands at an instant: no timer moves an expired one, time alone does.
  package func state(at instant: Date) -> State {
    switch storedState {
    case .reserved: keptTime == nil && expireTime <= instant ? .expired : .reserved
    case .released, .expired, .used: storedState
    }
  }

  /// How long it would still live at an instant, in seconds; as at its submission while a submitted
  /// filing keeps it; 0 if it is over.
  package func remainingSeconds(at instant: Date) -> TimeInterval {
    guard state(at: instant) == .reserved else { return 0 }
    return expireTime.timeIntervalSince(keptTime ?? instant)
  }
}

// MARK: Transitions. Each returns the next version.

extension Reservation {
  /// Given up by its declarant.
  ///
  /// - Throws: `NameError.stale`, `notLive`, `held`.
  func released(at instant: Date, expecting version: Int64) throws(NameError) -> Reservation {
    guard self.version == version else { throw .stale }
    try requireLive(at: instant)
    guard filing == nil else { throw .held }
    return changed {
      $0.storedState = .released
      $0.endTime = instant
    }
  }

  /// Found to have expired, at the end of its time.
  func expired() -> Reservation {
    changed {
      $0.storedState = .expired
      $0.filing = nil
      $0.endTime = expireTime
    }
  }

  /// Held by a filing of its declarant's.
  ///
  /// - Throws: `NameError.notFound` for whoever is not the declarant, `notLive`, `held` by another.
  func held(by filing: RegionalID, of declarant: RegionalID, at instant: Date)
    throws(NameError) -> Reservation
  {
    guard self.declarant == declarant else { throw .notFound }
    try requireLive(at: instant)
    guard self.filing == nil || self.filing == filing else { throw .held }
    return self.filing == filing ? self : changed { $0.filing = filing }
  }

  /// Kept alive from the submission of the filing that holds it.
  ///
  /// - Throws: `NameError.notLive`, `held` unless a filing of this call holds it.
  func kept(from instant: Date) throws(NameError) -> Reservation {
    try requireLive(at: instant)
    guard filing != nil else { throw .held }
    return keptTime != nil ? self : changed { $0.keptTime = instant }
  }

  /// Given back by its filing: free again, with the time that remained at the submission.
  ///
  /// One that is over by itself has nothing to give back, and stays as it is.
  ///
  /// - Throws: `NameError.notLive` if it is used.
  func givenBack(at instant: Date) throws(NameError) -> Reservation {
    switch storedState {
    case .reserved: break
    case .released, .expired: return self
    case .used: throw .notLive(.used)
    }
    guard filing != nil else { return self }
    return changed {
      if let keptTime {
        $0.expireTime = instant.addingTimeInterval(expireTime.timeIntervalSince(keptTime))
      }
      $0.keptTime = nil
      $0.filing = nil
    }
  }

  /// Consumed by the approval of the filing that holds it.
  ///
  /// - Throws: `NameError.notLive`.
  func used(at instant: Date) throws(NameError) -> Reservation {
    try requireLive(at: instant)
    return changed {
      $0.storedState = .used
      $0.endTime = instant
    }
  }

  /// Refuses unless it is live.
  ///
  /// - Throws: `NameError.notLive`.
  func requireLive(at instant: Date) throws(NameError) {
    let state = state(at: instant)
    guard state == .reserved else { throw .notLive(state) }
  }

  private func changed(_ change: (inout Reservation) -> Void) -> Reservation {
    var next = self
    change(&next)
    next.version += 1
    return next
  }
}
