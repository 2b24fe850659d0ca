internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf

extension License.Status {
  /// The status for a reply.
  var proto: Liaoning_Registry_V1_License.Status {
    switch self {
    case .valid: .valid
    case .superseded: .superseded
    case .revoked: .revoked
    case .cancelled: .cancelled
    }
  }
}

extension License {
  /// The licence for a reply.
  ///
  /// - Throws: Only if the stored file cannot be read.
  func proto() throws -> Liaoning_Registry_V1_License {
    let signed = try Liaoning_Registry_V1_LicenseFile(serializedBytes: file)
    return .with {
      $0.name = name
      $0.serial = serial
      $0.version = number
      $0.status = status.proto
      $0.face = face
      $0.issueTime = issueTime.timestamp
      $0.file = signed
      $0.etag = ETag(version: version).description
    }
  }
}
