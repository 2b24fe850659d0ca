internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf

/// What a verification has found: authenticity, status and currency apart.
struct LicenseFinding {
  /// A version that is authentic.
  struct Version {
    /// Its number, from 1.
    let number: Int32
    /// Whether it is the current one.
    let isCurrent: Bool
  }

  /// Where the current licence under the code stands.
  let status: License.Status
  /// What the current licence says; nothing if the register's own copy does not verify.
  let face: Liaoning_Registry_V1_LicenseFace?
  /// Which version is authentic, or why none is.
  let verified: Result<Version, LicenseVerifier.Flaw>

  /// The reply; of what is not authentic nothing is repeated.
  func response(
    under grant: VerificationGrant,
    at instant: Date
  ) -> Liaoning_Registry_V1_VerifyLicenseResponse {
    .with {
      $0.status = status.proto
      if let face { $0.face = grant.shown(face) }
      $0.verifyTime = instant.timestamp
      switch verified {
      case .success(let version):
        $0.authentic = true
        $0.version = version.number
        $0.currentVersion = version.isCurrent
      case .failure(let flaw): $0.failure = flaw.rawValue
      }
    }
  }
}
