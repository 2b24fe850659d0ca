internal import Foundation
internal import Testing

@Suite("Dying at every commit of a journey")
struct FaultJourneyTests {
  /// `LIAONING_FAULT_SEED` repeats a run.
  private func dice() -> Dice {
    let given = ProcessInfo.processInfo.environment["LIAONING_FAULT_SEED"].flatMap { UInt64($0) }
    return Dice(seed: given ?? .random(in: 0...9_999_999))
  }

  @Test(
    "nothing acknowledged is lost, and a repeat gives the first answer",
    .timeLimit(.minutes(5)),
    arguments: Victim.allCases
  )
  func deathsAreSurvived(victim: Victim) async throws {
    let dice = dice()
    print("FaultTests: \(victim) dies; LIAONING_FAULT_SEED=\(dice.seed) repeats this run")
    let venue = try await Venue.open()
    let result = await Task {
      let saboteur = try await Saboteur(venue, killing: victim, dice: dice)
      let clock = ContinuousClock.now
      try await FamilyBusiness(saboteur: saboteur).journey()
      print(
        "FaultTests: \(victim) died \(await saboteur.kills) times in \(ContinuousClock.now - clock)"
      )
      await saboteur.close()
    }.result
    await venue.close()
    try result.get()
  }
}
