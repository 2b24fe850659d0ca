/// How the house is cut, in the order in which data flows; Package.swift says the same.
enum HousePlan {
  /// The rooms; each may ask those before it.
  static let rooms = [
    "Accounts", "Entities", "Names", "Signatures", "Filings", "Licenses", "Reviews", "Archives",
  ]
  /// What every room speaks; knows no room.
  static let groundFloor = [
    "Vocabulary", "RegistryAPI", "Identity", "APIConventions", "Ledger", "Outbox",
  ]
  /// The only importers of C libraries; know neither rooms nor, but for each other, the ground floor.
  static let machine = ["EventLoops", "GRPCNghttp2Transport", "Postgres", "ShangMi", "Rendering"]
  /// What stands on the rooms.
  static let above = [
    "RegistryServer", "registryd", "PartnerSimulators", "RegistryClient", "registryctl",
    "RegistryTestKit", "RoomsTestKit",
  ]
  /// Each C library with the modules that may import it.
  static let owners = [
    // The transport's tests play broken peers on bare sockets, the kit starts programs.
    "CLinux": [
      "EventLoops", "FuzzTests", "GRPCNghttp2Transport", "GRPCNghttp2TransportTests", "Postgres",
      "RegistryTestKit",
    ],
    "CLibSSL": ["GRPCNghttp2Transport"],
    "CNghttp2": ["GRPCNghttp2Transport"],
    "CZlib": ["GRPCNghttp2Transport"],
    "CLibPQ": ["Postgres"],
    "CLibCrypto": ["ShangMi"],
    "CPango": ["Rendering"],
  ]

  /// A room's thing, in the singular.
  static func singular(_ room: String) -> String {
    room == "Entities" ? "Entity" : String(room.dropLast())
  }
}
