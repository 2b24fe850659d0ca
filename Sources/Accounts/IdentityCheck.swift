internal import APIConventions
internal import Foundation
internal import ShangMi

/// Compares an account's holder with the library that knows it: before any transaction opens, because
/// the library is another's and may be slow.
struct IdentityCheck: Sendable {
  private let libraries: IdentityLibraries
  private let mode: IdentityVerificationMode
  private let now: @Sendable () -> Date

  init(
    _ libraries: IdentityLibraries,
    mode: IdentityVerificationMode,
    now: @escaping @Sendable () -> Date
  ) {
    self.libraries = libraries
    self.mode = mode
    self.now = now
  }

  /// Compares.
  ///
  /// - Parameters:
  ///   - holder: Who says to be whom.
  ///   - requestID: The request that asks.
  /// - Returns: What came out, or why nothing did: only the transaction knows whether the same request
  ///   was answered before, and throws the failure only if it was not.
  func result(
    for holder: PartyRecord,
    request requestID: RequestID
  ) async -> Result<Comparison, any Error> {
    do {
      return .success(try await comparison(for: holder, request: requestID))
    } catch {
      return .failure(error)
    }
  }

  private func comparison(
    for holder: PartyRecord,
    request requestID: RequestID
  ) async throws -> Comparison {
    guard mode != .off else { return uncompared }
    do {
      let id = Self.comparisonID(of: holder, request: requestID)
      return switch holder {
      case .person(let person): try await comparison(for: person, id: id)
      case .organization(let organization): try await comparison(for: organization, id: id)
      }
    } catch AccountError.sourceUnavailable where mode == .shadow {
      return uncompared
    }
  }

  private func comparison(for person: PersonRecord, id: UUID) async throws -> Comparison {
    let answer = try await libraries.comparePerson(person.fullName, person.identityNumber, id)
    return Comparison(
      verification: mode == .enforced ? AccountRules.verification(by: answer) : .verified,
      mode: mode,
      code: answer.rawValue,
      time: now().wholeMilliseconds,
      legalRepresentative: nil
    )
  }

  private func comparison(
    for organization: OrganizationRecord,
    id: UUID
  ) async throws -> Comparison {
    let lookUp = try await libraries.lookUpEntity(organization.creditCode, id)
    let outcome = AccountRules.outcome(of: lookUp, for: organization)
    return Comparison(
      verification: mode == .enforced ? AccountRules.verification(by: outcome) : .verified,
      mode: mode,
      code: outcome.rawValue,
      time: now().wholeMilliseconds,
      legalRepresentative: outcome == .found ? lookUp.legalRepresentative : nil
    )
  }

  private var uncompared: Comparison {
    Comparison(
      verification: .verified,
      mode: mode,
      code: nil,
      time: nil,
      legalRepresentative: nil
    )
  }

  /// The comparison's id at the library: the same for a repeat of the request, and another for whoever
  /// uses the same request id about somebody else.
  private static func comparisonID(of holder: PartyRecord, request requestID: RequestID) -> UUID {
    let digest = SM3.digest(
      [requestID.uuid.uuidString, holder.code, holder.displayName].joined(separator: "\u{0}")
    ).bytes
    // The version and variant bits of a UUID v8 (RFC 9562, 5.8), whose bits are the maker's own.
    return UUID(
      uuid: (
        digest[0], digest[1], digest[2], digest[3], digest[4], digest[5],
        digest[6] & 0x0F | 0x80, digest[7], digest[8] & 0x3F | 0x80, digest[9], digest[10],
        digest[11], digest[12], digest[13], digest[14], digest[15]
      )
    )
  }
}
