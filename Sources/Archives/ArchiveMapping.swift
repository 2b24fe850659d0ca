internal import APIConventions
internal import Accounts
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

extension Archive {
  /// The archive for a reply.
  ///
  /// - Parameter enterpriseName: The entity's name now.
  /// - Returns: The message.
  func proto(enterpriseName: String) -> Liaoning_Registry_V1_Archive {
    .with {
      $0.name = ArchiveName.name(of: creditCode)
      $0.enterpriseName = enterpriseName
      $0.authorityCode = region.description
      $0.volumeCount = Int32(clamping: volumeCount)
      $0.createTime = createTime.timestamp
    }
  }
}

extension Volume {
  /// The volume for a reply.
  ///
  /// - Parameter items: Its catalog; left out of lists.
  /// - Returns: The message.
  func proto(items: [VolumeItem] = []) -> Liaoning_Registry_V1_Volume {
    .with {
      $0.name = name.description
      $0.referenceCode = referenceCode
      $0.title = title
      $0.filing = filing.name(in: "filings")
      $0.state = state.proto
      $0.items = items.map(\.proto)
      $0.packageSm3 = Data(packageSM3.bytes)
      $0.sizeBytes = Int64(byteCount)
      $0.signature = signature.proto
      $0.createTime = createTime.timestamp
      if let seal { $0.sealTime = seal.time.timestamp }
      $0.etag = ETag(version: version).description
    }
  }
}

extension Volume.State {
  /// The state for a reply.
  var proto: Liaoning_Registry_V1_Volume.State {
    switch self {
    case .packaged: .packaged
    case .sealed: .sealed
    }
  }
}

extension Volume.Signature {
  /// The signature for a reply.
  var proto: Liaoning_Registry_V1_DigitalSignature {
    .with {
      $0.algorithm = algorithm.proto
      $0.distinguishingIdentifier = distinguishingIdentifier
      $0.value = Data(value)
      $0.publicKey = Data(publicKey)
    }
  }
}

extension VolumeItem {
  /// The item for a reply.
  fileprivate var proto: Liaoning_Registry_V1_VolumeItem {
    .with {
      $0.path = path
      $0.title = title
      $0.mediaType = mediaType
      $0.sizeBytes = Int64(byteCount)
      $0.contentSm3 = Data(contentSM3.bytes)
    }
  }
}

extension CheckPoint {
  /// The point for a report.
  fileprivate var proto: Liaoning_Registry_V1_CheckReport.Point {
    .with {
      $0.property = id.property.proto
      $0.check = id.rawValue
      $0.passed = passed
      $0.detail = detail
    }
  }
}

extension CheckPoint.Property {
  /// The property for a report.
  fileprivate var proto: Liaoning_Registry_V1_CheckReport.Property {
    switch self {
    case .authenticity: .authenticity
    case .completeness: .completeness
    case .usability: .usability
    case .safety: .safety
    }
  }
}

extension [CheckPoint] {
  /// The report of a check.
  ///
  /// - Parameters:
  ///   - name: The volume's name.
  ///   - instant: When it was checked.
  /// - Returns: The message.
  func report(of name: VolumeName, at instant: Date) -> Liaoning_Registry_V1_CheckReport {
    .with {
      $0.volume = name.description
      $0.passed = allSatisfy(\.passed)
      $0.points = map(\.proto)
      $0.checkTime = instant.timestamp
    }
  }
}

/// A page of the list of an archive's volumes, as it is asked for.
struct VolumePage {
  private static let list = "volumes"

  /// How many.
  let size: PageSize
  /// After the volume with this number; 0 from the start.
  let position: Int

  /// Parses a request.
  ///
  /// - Throws: `PagingError`.
  init(
    _ request: Liaoning_Registry_V1_ListVolumesRequest,
    of archive: UnifiedSocialCreditCode
  ) throws(PagingError) {
    size = try PageSize(request.pageSize)
    guard let token = try PageToken(request.pageToken, list: Self.list, keyCount: 2) else {
      position = 0
      return
    }
    guard token.keys[0] == archive.description, let number = Int(token.keys[1]),
      (1...Archive.volumeLimit).contains(number)
    else { throw .invalidToken }
    position = number
  }

  /// Where to go on after a volume.
  static func token(after name: VolumeName) -> String {
    PageToken(list: list, keys: [name.creditCode.description, String(name.number)]).text
  }
}
