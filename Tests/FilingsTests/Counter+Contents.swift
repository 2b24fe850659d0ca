internal import RegistryAPI
internal import RoomsTestKit

@testable internal import Filings

// Contents as the room knows them, on the way of the messages.
extension Counter {
  /// Reserves a name fit for a content, of a trade name of its own unless one is given.
  func reserve(
    for content: FilingContent,
    by citizen: Citizen,
    trade: String? = nil
  ) async throws -> String {
    try await reserve(for: content.proto(masked: false), by: citizen, trade: trade)
  }

  /// Opens a draft with a name of its own, or one that is reserved.
  func open(
    _ content: FilingContent = .sample(),
    by citizen: Citizen,
    reservation: String? = nil
  ) async throws -> Liaoning_Registry_V1_Filing {
    try await open(content.proto(masked: false), by: citizen, reservation: reservation)
  }
}
