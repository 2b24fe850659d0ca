package import Foundation
package import GRPCCore

/// Where a list goes on (AIP-158): the keys of the last row, opaque to clients.
///
/// It grants nothing: whoever forges one reads only what the list itself lets him read.
package struct PageToken: Hashable, Sendable {
  /// The list it belongs to, so that no token serves two lists.
  package let list: String
  /// The keys of the last row, in the order of the list's ORDER BY.
  package let keys: [String]

  /// A token of `list` after the row with `keys`.
  package init(list: String, keys: [String]) {
    self.list = list
    self.keys = keys
  }

  /// Parses a request's token; nothing for an empty one.
  ///
  /// - Throws: `PagingError.invalidToken` unless it is a token of `list` with `keyCount` keys.
  package init?(_ text: String, list: String, keyCount: Int) throws(PagingError) {
    if text.isEmpty { return nil }
    guard
      text.utf8.count <= 1_000,
      let data = Data(base64Encoded: text),
      let fields = try? JSONDecoder().decode([String].self, from: data),
      fields.first == list, fields.count == keyCount + 1
    else { throw .invalidToken }
    self.init(list: list, keys: Array(fields.dropFirst()))
  }

  /// The text that goes to clients.
  package var text: String {
    let encoded = try? JSONEncoder().encode([list] + keys)
    return (encoded ?? Data()).base64EncodedString()
  }
}

extension PageToken {
  /// A token of a list in the order of time and id.
  package init(list: String, after time: Date, _ id: UUID) {
    let milliseconds = Int64((time.timeIntervalSince1970 * 1_000).rounded())
    self.init(list: list, keys: [String(milliseconds), id.uuidString])
  }

  /// Parses a request's token of a list in the order of time and id; nothing for an empty one.
  ///
  /// - Parameters:
  ///   - text: What was sent.
  ///   - list: The list it must belong to.
  /// - Throws: `PagingError.invalidToken`, also for a time that no row of ours can have.
  /// - Returns: Time and id of the last row.
  package static func position(
    _ text: String,
    in list: String
  ) throws(PagingError) -> (time: Date, id: UUID)? {
    guard let token = try PageToken(text, list: list, keyCount: 2) else { return nil }
    guard let milliseconds = Int64(token.keys[0]), times.contains(milliseconds),
      let id = UUID(uuidString: token.keys[1])
    else { throw .invalidToken }
    return (Date(timeIntervalSince1970: Double(milliseconds) / 1_000), id)
  }

  /// In milliseconds since 1970: beyond these the database has no such time.
  private static let times: Range<Int64> = 0..<1 << 48
}

/// How many rows a page holds (AIP-158).
package struct PageSize: Hashable, Sendable {
  /// 1 to 200.
  package let rows: Int

  /// 0 means 50; more than 200 means 200.
  ///
  /// - Throws: `PagingError.negativeSize`.
  package init(_ requested: Int32) throws(PagingError) {
    guard requested >= 0 else { throw .negativeSize }
    rows = requested == 0 ? 50 : min(Int(requested), 200)
  }
}

/// A page that cannot be asked for.
package enum PagingError: RegistryError, Equatable {
  /// The token is not one of this list.
  case invalidToken
  /// The size is below 0.
  case negativeSize

  /// Both are the request's fault.
  package var code: RPCError.Code {
    switch self {
    case .invalidToken, .negativeSize: .invalidArgument
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .invalidToken: "PAGE_TOKEN_INVALID"
    case .negativeSize: "PAGE_SIZE_INVALID"
    }
  }

  /// What to do.
  package var message: String {
    switch self {
    case .invalidToken: "page_token is not a token of this list. Start again without one."
    case .negativeSize: "page_size must be 0 to 200."
    }
  }
}
