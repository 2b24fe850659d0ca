internal import APIConventions
internal import GRPCCore

/// Every expected failure of an archive.
enum ArchiveError: RegistryError, Equatable {
  /// The archive does not exist, or the caller may not see it; its name as asked for.
  case archiveNotFound(String)
  /// The volume does not exist, or the caller may not see it; its name as asked for.
  case volumeNotFound(String)
  /// The filing has its volume.
  case volumeExists(VolumeName)
  /// The volume was sealed before.
  case sealed(VolumeName)
  /// The volume is not sealed yet.
  case notSealed(VolumeName)
  /// A property of the four fails.
  case checkFailed(VolumeName, [CheckPoint])
  /// The etag is not the current one.
  case stale(VolumeName)
  /// What is to be packaged is larger than a package may be, in bytes.
  case tooLarge(Int, limit: Int)
  /// More happened to the filing than a package tells of, in events.
  case trailTooLong(limit: Int)
  /// The archive has as many volumes as there are numbers.
  case full
  /// Another volume of the archive was packaged at the same moment.
  case numberTaken
  /// As much packaging and checking waits as may.
  case busy
  /// Stored bytes are not the ones that were packaged.
  case damaged(VolumeName)

  /// The status by case.
  var code: RPCError.Code {
    switch self {
    case .archiveNotFound, .volumeNotFound: .notFound
    case .volumeExists: .alreadyExists
    case .sealed, .notSealed, .checkFailed: .failedPrecondition
    case .stale: .aborted
    case .tooLarge, .trailTooLong, .full: .resourceExhausted
    case .numberTaken, .busy: .unavailable
    case .damaged: .dataLoss
    }
  }

  /// The reason by case.
  var reason: String {
    switch self {
    case .archiveNotFound: "ARCHIVE_NOT_FOUND"
    case .volumeNotFound: "VOLUME_NOT_FOUND"
    case .volumeExists: "VOLUME_EXISTS"
    case .sealed: "VOLUME_SEALED"
    case .notSealed: "VOLUME_NOT_SEALED"
    case .checkFailed: "VOLUME_CHECK_FAILED"
    case .stale: "VOLUME_STALE"
    case .tooLarge, .trailTooLong: "VOLUME_TOO_LARGE"
    case .full: "ARCHIVE_FULL"
    case .numberTaken: "VOLUME_NUMBER_TAKEN"
    case .busy: "ARCHIVE_BUSY"
    case .damaged: "VOLUME_DAMAGED"
    }
  }

  /// What happened and what to do.
  var message: String {
    switch self {
    case .archiveNotFound: "There is no such archive for this caller."
    case .volumeNotFound: "There is no such volume for this caller."
    case .volumeExists: "The filing has its volume."
    case .sealed: "The volume was sealed and never changes again."
    case .notSealed: "Only a sealed volume can be downloaded. Seal it first."
    case .checkFailed: "The volume fails its check; the metadata say in which points."
    case .stale: "The volume changed since it was read. Read it again."
    case .tooLarge, .trailTooLong: "What is to be packaged is larger than a package may be."
    case .full: "The archive has 999 volumes, as many as it may."
    case .numberTaken: "Another volume of this archive was packaged meanwhile. Repeat."
    case .busy: "Too many volumes are being packaged and checked. Repeat later."
    case .damaged: "The stored package is not the one that was packaged. Check the volume."
    }
  }

  /// The volume; the points that fail with the first thing found wrong; sizes.
  var metadata: [String: String] {
    switch self {
    case .archiveNotFound, .volumeNotFound, .full, .numberTaken, .busy: [:]
    case .volumeExists(let name), .sealed(let name), .notSealed(let name), .stale(let name),
      .damaged(let name):
      ["volume": name.description]
    case .checkFailed(let name, let points):
      points.reduce(
        into: [
          "volume": name.description,
          "failed": points.map(\.id.rawValue).joined(separator: ","),
        ]
      ) { $0[$1.id.rawValue] = String($1.detail.prefix(150)) }
    case .tooLarge(let size, let limit):
      ["size_bytes": String(size), "limit_bytes": String(limit)]
    case .trailTooLong(let limit): ["limit_events": String(limit)]
    }
  }

  /// Two archivists rarely meet; packaging is soon done.
  var retryDelay: Duration? {
    switch self {
    case .numberTaken: .seconds(1)
    case .busy: .seconds(2)
    case .archiveNotFound, .volumeNotFound, .volumeExists, .sealed, .notSealed, .checkFailed,
      .stale, .tooLarge, .trailTooLong, .full, .damaged:
      nil
    }
  }
}
