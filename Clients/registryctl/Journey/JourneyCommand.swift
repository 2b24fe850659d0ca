internal import ArgumentParser
internal import Foundation

/// Drives whole journeys, from a name to a verified, archived licence, as scenario files tell.
struct JourneyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journey",
    abstract: "Drive whole journeys through the registry, as scenario files tell.",
    discussion: """
      Everybody who takes part has a key and an account of his own; staff and partner call with the \
      certificates in registryd's data folder. A second run on the same folder works: accounts are \
      logged in again, names are drawn anew. Clients/registryctl/Journey/README.md documents the file.
      """
  )

  @Argument(help: .init("Scenario files.", valueName: "scenario.json"))
  var scenarios: [String] = []
  @Option(help: .init("The data folder of a running registryd.", valueName: "folder"))
  var data = Self.usualFolder
  @Option(
    help: .init("Where applicants connect, if not where the folder says.", valueName: "host:port")
  )
  var outer: String?
  @Option(help: .init("Where staff connect, if not where the folder says.", valueName: "host:port"))
  var inner: String?
  @Option(
    help: .init("Where keys and accounts are kept; DATA/journey/keys.", valueName: "folder")
  )
  var keys: String?
  @Option(
    help: .init("Where licences and volumes go; DATA/journey/documents.", valueName: "folder")
  )
  var documents: String?
  @Option(help: .init("A table of names to import first.", valueName: "names.tsv"))
  var library: String?
  @Flag(help: "Tell it in JSON, an object a line.")
  var json = false

  /// Where `registryd` keeps its data unless it is told otherwise.
  private static var usualFolder: String {
    getuid() == 0
      ? "/var/lib/liaoning-registry" : NSHomeDirectory() + "/.local/state/liaoning-registry"
  }

  /// Refuses to do nothing.
  mutating func validate() throws {
    if scenarios.isEmpty, library == nil { throw ValidationError("Give a scenario file or more.") }
  }

  func run() async throws {
    do throws(JourneyError) {
      try await drive()
    } catch {
      Show.remark(json ? error.json.encoded : error.text)
      throw ExitCode(error.exitClass.rawValue)
    }
  }

  private func drive() async throws(JourneyError) {
    // Every file is read before anything is done.
    var journeys: [(file: String, scenario: Scenario)] = []
    for file in scenarios { journeys.append((file, try ScenarioReader.scenario(in: file))) }
    let place = try Place(data: data, outer: outer, inner: inner)
    let connections: Connections
    do {
      connections = try Connections(to: place)
    } catch {
      throw .place("\(error)")
    }
    let outcome = await Result { () async throws(JourneyError) in
      try await drive(journeys, at: place, over: connections)
    }
    await connections.close()
    try outcome.get()
  }

  private func drive(
    _ journeys: [(file: String, scenario: Scenario)],
    at place: Place,
    over connections: Connections
  ) async throws(JourneyError) {
    let narrator = Narrator(isForPrograms: json)
    if let library {
      do {
        _ = try await NameLibrary.imported(from: library, over: connections, telling: narrator)
      } catch {
        throw Journey.error(error, in: "importing the name library")
      }
    }
    for (file, scenario) in journeys {
      let start = ContinuousClock.now
      narrator.begin(scenario, file: file)
      var journey = Journey(
        scenario,
        at: place,
        over: connections,
        keys: KeyRing(folder: keys ?? data + "/journey/keys"),
        savingTo: documents ?? data + "/journey/documents",
        telling: narrator
      )
      let findings = try await journey.run()
      narrator.finish(scenario, findings, since: start)
    }
  }
}

extension Result where Success == Void {
  /// What a body comes to.
  fileprivate init(_ body: () async throws(Failure) -> Void) async {
    do throws(Failure) {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
