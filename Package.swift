// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Targets stand in the order in which data flows: C libraries, the machine, the ground floor,
// the rooms, the server, the clients, the tests. Sources/README.md is the map.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let grpc: Target.Dependency = .product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf: Target.Dependency = .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser",
  package: "swift-argument-parser"
)

/// A C library of the system: a module map and a shim, nothing else.
func cLibrary(_ name: String, pkgConfig: String? = nil, apt: String? = nil) -> Target {
  .systemLibrary(
    name: name,
    path: "Sources/\(name)",
    pkgConfig: pkgConfig,
    providers: apt.map { [.apt([$0])] }
  )
}

/// The front pages of a folder and what else is read, not compiled.
func pages(in path: String) -> [String] {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/"
  return ["README.md", "Core/README.md", "Journey/README.md", "Scenarios"].filter {
    FileManager.default.fileExists(atPath: root + path + "/" + $0)
  }
}

/// A module under Sources.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    path: "Sources/\(name)",
    exclude: pages(in: "Sources/\(name)"),
    swiftSettings: settings
  )
}

/// A program under Sources or Clients.
func program(
  _ name: String,
  _ dependencies: [Target.Dependency],
  path: String? = nil
) -> Target {
  .executableTarget(
    name: name,
    dependencies: dependencies,
    path: path ?? "Sources/\(name)",
    exclude: pages(in: path ?? "Sources/\(name)"),
    resources: FileManager.default.fileExists(atPath: "Sources/\(name)/Resources")
      ? [.embedInCode("Resources")] : [],
    swiftSettings: settings
  )
}

/// The tests of a module, under Tests.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name,
    dependencies: dependencies,
    path: "Tests/\(name)",
    exclude: pages(in: "Tests/\(name)"),
    resources: FileManager.default.fileExists(atPath: "Tests/\(name)/Resources")
      ? [.copy("Resources")] : [],
    swiftSettings: settings
  )
}

let groundFloor: [Target.Dependency] = [
  "Vocabulary", "Identity", "APIConventions", "Ledger", "Outbox", "Postgres", "EventLoops",
  "ShangMi", "RegistryAPI", grpc, grpcProtobuf, protobuf, logging,
]

/// A room: one module a service and its tests.
///
/// It may ask the rooms named in `after`, and through
/// them whatever those were built on; it never calls a later room.
func room(
  _ name: String,
  after rooms: Target.Dependency...,
  uses: [Target.Dependency] = [],
  testedWith kits: [Target.Dependency] = []
) -> [Target] {
  [
    .target(
      name: name,
      dependencies: groundFloor + rooms + uses,
      path: "Sources/\(name)",
      exclude: pages(in: "Sources/\(name)"),
      resources: FileManager.default.fileExists(atPath: "Sources/\(name)/Migrations")
        ? [.embedInCode("Migrations")] : [],
      swiftSettings: settings
    ),
    tests(
      "\(name)Tests",
      ["RegistryTestKit", .target(name: name)] + groundFloor + rooms + uses + kits
    ),
  ]
}

let cLibraries = [
  cLibrary("CLinux"),
  cLibrary("CLibSSL", pkgConfig: "openssl", apt: "libssl-dev"),
  cLibrary("CNghttp2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
  cLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
  cLibrary("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
  cLibrary("CLibCrypto", pkgConfig: "openssl", apt: "libssl-dev"),
  cLibrary("CPango", pkgConfig: "pangocairo", apt: "libpango1.0-dev"),
]

let machine = [
  module("EventLoops", ["CLinux"]),
  tests("EventLoopsTests", ["EventLoops"]),
  module("GRPCNghttp2Transport", ["EventLoops", "CLinux", "CLibSSL", "CNghttp2", "CZlib", grpc]),
  tests("GRPCNghttp2TransportTests", ["GRPCNghttp2Transport", "EventLoops", grpc, "ShangMi"]),
  module("Postgres", ["EventLoops", "CLinux", "CLibPQ", logging]),
  tests("PostgresTests", ["Postgres", "EventLoops", "RegistryTestKit"]),
  module("ShangMi", ["CLibCrypto"]),
  tests("ShangMiTests", ["ShangMi"]),
  module("Rendering", ["CPango", "EventLoops"]),
  tests("RenderingTests", ["Rendering", "EventLoops"]),
]

let groundFloorTargets = [
  module("Vocabulary"),
  tests("VocabularyTests", ["Vocabulary"]),
  module("RegistryAPI", [grpc, grpcProtobuf, protobuf]),
  module(
    "Identity",
    ["Vocabulary", "GRPCNghttp2Transport", "RegistryAPI", "APIConventions", grpc, logging]
  ),
  tests(
    "IdentityTests",
    [
      "Identity", "Vocabulary", "APIConventions", "RegistryAPI", "GRPCNghttp2Transport", grpc,
      logging,
    ]
  ),
  .target(
    name: "APIConventions",
    dependencies: [
      "Vocabulary", "Postgres", "ShangMi", "RegistryAPI", grpc, grpcProtobuf, protobuf,
    ],
    path: "Sources/APIConventions",
    exclude: pages(in: "Sources/APIConventions"),
    resources: [.embedInCode("Migrations")],
    swiftSettings: settings
  ),
  tests(
    "APIConventionsTests",
    [
      "APIConventions", "Postgres", "RegistryAPI", "RegistryTestKit", "Vocabulary", grpc,
      grpcProtobuf,
    ]
  ),
  .target(
    name: "Ledger",
    dependencies: [
      "Vocabulary", "Identity", "Postgres", "ShangMi", "RegistryAPI", "APIConventions", grpc,
      grpcProtobuf, protobuf, logging,
    ],
    path: "Sources/Ledger",
    exclude: pages(in: "Sources/Ledger"),
    resources: [.embedInCode("Migrations")],
    swiftSettings: settings
  ),
  tests(
    "LedgerTests",
    [
      "Ledger", "Identity", "Postgres", "ShangMi", "RegistryAPI", "RegistryTestKit", "Vocabulary",
      "APIConventions",
    ]
  ),
  .target(
    name: "Outbox",
    dependencies: ["Vocabulary", "Postgres", "APIConventions", protobuf, logging],
    path: "Sources/Outbox",
    exclude: pages(in: "Sources/Outbox"),
    resources: [.embedInCode("Migrations")],
    swiftSettings: settings
  ),
  tests("OutboxTests", ["Outbox", "Postgres", "RegistryTestKit", "Vocabulary"]),
]

let rooms =
  room("Accounts")
  + room("Entities", after: "Accounts")
  + room("Names", after: "Accounts", "Entities")
  + room("Signatures", after: "Accounts", "Entities")
  + room(
    "Filings",
    after: "Accounts",
    "Entities",
    "Names",
    "Signatures",
    uses: ["Rendering"],
    testedWith: ["RoomsTestKit"]
  )
  + room("Licenses", after: "Accounts", "Entities", "Filings", uses: ["Rendering"])
  + room(
    "Reviews",
    after: "Accounts",
    "Entities",
    "Names",
    "Signatures",
    "Filings",
    "Licenses",
    uses: ["Rendering"],
    testedWith: ["RoomsTestKit"]
  )
  + room(
    "Archives",
    after: "Accounts",
    "Entities",
    "Names",
    "Signatures",
    "Filings",
    "Licenses",
    "Reviews",
    uses: ["Rendering"],
    testedWith: ["RoomsTestKit"]
  )

let roomNames: [Target.Dependency] = [
  "Accounts", "Entities", "Names", "Signatures", "Filings", "Licenses", "Reviews", "Archives",
]

let server = [
  .target(
    name: "RegistryServer",
    dependencies: groundFloor + roomNames + ["GRPCNghttp2Transport", "Rendering"],
    path: "Sources/RegistryServer",
    exclude: pages(in: "Sources/RegistryServer"),
    swiftSettings: settings
  ),
  tests(
    "RegistryServerTests",
    groundFloor + roomNames + [
      "RegistryServer", "RegistryTestKit", "RegistryClient", "registryd", "PartnerSimulators",
      "GRPCNghttp2Transport",
    ]
  ),
  program("registryd", ["RegistryServer", arguments]),
  program(
    "PartnerSimulators",
    [
      "GRPCNghttp2Transport", "EventLoops", "RegistryAPI", "Vocabulary", grpc, grpcProtobuf,
      protobuf, arguments,
    ]
  ),
  tests(
    "PartnerSimulatorsTests",
    [
      "APIConventions", logging,
      "PartnerSimulators", "RegistryServer", "RegistryTestKit", "GRPCNghttp2Transport",
      "EventLoops", "RegistryAPI", "ShangMi", "Accounts", "Outbox", "Vocabulary", grpc,
      grpcProtobuf, protobuf,
    ]
  ),
  program(
    "protoc-gen-grpc-swift-unary",
    [protobuf, .product(name: "SwiftProtobufPluginLibrary", package: "swift-protobuf")]
  ),
  program(
    "protoc-gen-registryctl",
    [protobuf, .product(name: "SwiftProtobufPluginLibrary", package: "swift-protobuf")]
  ),
]

let clients = [
  .target(
    name: "RegistryClient",
    dependencies: [
      "GRPCNghttp2Transport", "EventLoops", "RegistryAPI", "ShangMi", grpc, grpcProtobuf, protobuf,
    ],
    path: "Clients/RegistryClient",
    exclude: pages(in: "Clients/RegistryClient"),
    swiftSettings: settings
  ),
  tests(
    "RegistryClientTests",
    [
      "RegistryClient", "RegistryAPI", "ShangMi", "GRPCNghttp2Transport", "EventLoops", grpc,
      grpcProtobuf, protobuf,
    ]
  ),
  program(
    "registryctl",
    [
      "RegistryClient", "RegistryAPI", "ShangMi", "EventLoops", grpc, grpcProtobuf, protobuf,
      arguments,
    ],
    path: "Clients/registryctl"
  ),
  tests(
    "RegistryctlTests",
    [
      "registryctl", "protoc-gen-registryctl", "RegistryClient", "RegistryAPI", "RegistryTestKit",
      "ShangMi", "registryd", "PartnerSimulators", grpc, protobuf, arguments,
    ]
  ),
]

let houseTests: [Target] = [
  .target(
    name: "RegistryTestKit",
    dependencies: ["Postgres", "EventLoops", "ShangMi", "Vocabulary", "CLinux"],
    path: "Tests/RegistryTestKit",
    exclude: pages(in: "Tests/RegistryTestKit"),
    swiftSettings: settings
  ),
  .target(
    name: "RoomsTestKit",
    dependencies: groundFloor + [
      "Accounts", "Entities", "Names", "Signatures", "Filings", "Rendering", "RegistryTestKit",
    ],
    path: "Tests/RoomsTestKit",
    exclude: pages(in: "Tests/RoomsTestKit"),
    swiftSettings: settings
  ),
  tests("RegistryTestKitTests", ["RegistryTestKit"]),
  tests("TidyTests", []),
  tests(
    "JourneyTests",
    [
      "RegistryTestKit", "RegistryClient", "RegistryAPI", "ShangMi", "Postgres", "registryd",
      "registryctl", "PartnerSimulators", grpc, protobuf,
    ]
  ),
  tests(
    "FaultTests",
    [
      "RegistryTestKit", "RegistryClient", "RegistryAPI", "Postgres", "EventLoops", "registryd",
      "PartnerSimulators", grpc, protobuf,
    ]
  ),
  .testTarget(
    name: "FuzzTests",
    dependencies: groundFloor + roomNames + ["GRPCNghttp2Transport", "Rendering", "CLinux"],
    path: "Tests/FuzzTests",
    exclude: ["README.md", "Corpus", "Program", "fuzz"],
    swiftSettings: settings
  ),
  program(
    "echo-server",
    [
      "GRPCNghttp2Transport", "EventLoops", "ShangMi", "Identity", grpc, grpcProtobuf, protobuf,
      logging, arguments,
    ],
    path: "Tests/Benchmarks/EchoServer"
  ),
  program(
    "interop-server",
    ["GRPCNghttp2Transport", "EventLoops", grpc, grpcProtobuf, protobuf, arguments],
    path: "Tests/InteropServer"
  ),
  program(
    "load-client",
    [
      "GRPCNghttp2Transport", "EventLoops", "RegistryAPI", "ShangMi", "Vocabulary",
      "APIConventions", grpc, grpcProtobuf, protobuf, arguments,
    ],
    path: "Tests/Benchmarks/LoadClient"
  ),
]

let package = Package(
  name: "liaoning-registry",
  products: [
    .library(name: "GRPCNghttp2Transport", targets: ["GRPCNghttp2Transport", "EventLoops"]),
    .executable(name: "protoc-gen-grpc-swift-unary", targets: ["protoc-gen-grpc-swift-unary"]),
    .library(name: "RegistryClient", targets: ["RegistryClient", "RegistryAPI"]),
    .executable(name: "registryd", targets: ["registryd"]),
    .executable(name: "registryctl", targets: ["registryctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: cLibraries + machine + groundFloorTargets + rooms + server + clients + houseTests
)
