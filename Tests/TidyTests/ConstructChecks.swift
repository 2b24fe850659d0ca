extension Check {
  /// Constructs that are not here.
  static let constructs = [
    Check(
      "a task is started only by RegistryServer, EventLoops, the transport, Outbox, the ledger's sequencer and clients",
      bad: [
        ["Sources/Names/A.swift": "let a = Task {\n}"],
        ["Sources/Ledger/Ledger.swift": "Task.detached { }"],
        ["Sources/Postgres/A.swift": "Task<Void, Never>(priority: nil) { }"],
      ],
      good: [
        ["Sources/Outbox/A.swift": "Task { }"], ["Sources/Ledger/Sequencer.swift": "Task { }"],
        [
          "Sources/Names/A.swift":
            "// Task { }\nlet a = SignatureTask(b)\ntry Task.checkCancellation()"
        ],
      ]
    ) { house, rule in
      let free = ["RegistryServer", "registryd", "EventLoops", "GRPCNghttp2Transport", "Outbox"]
      return house.swift(under: "Sources").filter {
        !free.contains($0.module) && !($0.module == "Ledger" && $0.name.contains("Sequencer"))
      }.flatMap {
        $0.findings(
          #"(^|[^.\w])Task(\.detached|\.immediate)?\s*(<[^>]*>)?\s*[({]"#,
          rule,
          in: $0.code
        )
      }
    },
    Check(
      "a room takes clock and ids from outside: no `Date()`, `Date.now`, `UUID()`",
      bad: [
        ["Sources/Filings/A.swift": "let a = Date()"], ["Sources/Names/A.swift": "f(UUID())"],
        ["Sources/Names/A.swift": "f(at: Date.now)"],
      ],
      good: [
        ["Sources/Filings/A.swift": "let a = Date(timeIntervalSince1970: 0)\nlet b = now()"],
        ["Sources/RegistryServer/A.swift": "let a = Date()"],
      ]
    ) { house, rule in
      house.swift(of: HousePlan.rooms).flatMap {
        $0.findings(#"\b(Date|UUID)\(\)|\bDate\.now\b"#, rule, in: $0.code)
      }
    },
    Check(
      "no singleton and no global variable",
      bad: [
        ["Sources/Names/A.swift": "  static let shared = A()"],
        ["Sources/Names/A.swift": "var count = 0"],
        ["Sources/Names/A.swift": "  package static var count: Int = 0"],
      ],
      good: [
        ["Sources/Names/A.swift": "struct A {\n  var count = 0\n  static var a: Int { 0 }\n}"],
        ["Sources/Names/A.swift": "  static var a: [Int] {\n    []\n  }"],
      ]
    ) { house, rule in
      house.swift(under: "Sources", "Clients").filter { $0.name != "main.swift" }.flatMap {
        $0.findings(
          #"\bstatic\s+let\s+shared\b|\bstatic\s+var\s+\w+[^{]*=|^((private|fileprivate|internal|package|public|nonisolated\(unsafe\))\s+)*var\s+\w+[^{]*$"#,
          rule,
          in: $0.code
        )
      }
    },
    Check(
      "nothing but owners of C pointers and what guards its state itself is `@unchecked Sendable`, and none in a room",
      bad: [
        ["Sources/Names/A.swift": "final class A: @unchecked Sendable {"],
        ["Sources/Postgres/A.swift": "final class A: @unchecked Sendable {"],
      ],
      good: [
        [
          "Sources/Postgres/A.swift":
            "// Unchecked: one thread only.\nclass A: @unchecked Sendable {"
        ]
      ]
    ) { house, rule in
      let mayBe = HousePlan.machine + ["RegistryServer"]
      return house.swift(under: "Sources").filter { file in
        let isExplained = (file.swift?.comments ?? []).contains {
          $0.text.lowercased().contains("unchecked")
        }
        return !(mayBe.contains(file.module) && isExplained)
      }.flatMap { $0.findings(#"@unchecked\s+Sendable"#, rule, in: $0.code) }
    },
    Check(
      "a status code stands in an error file only",
      bad: [
        ["Sources/Names/NameService.swift": "throw RPCError(code: code, message: m)"],
        ["Sources/Filings/Filing.swift": "fail(.failedPrecondition)"],
      ],
      good: [
        ["Sources/Names/NameError.swift": "case .a: .invalidArgument"],
        [
          "Sources/Names/NameService.swift":
            "throw NameError.notFound(id)\nthrow IdentityError.unauthenticated"
        ],
      ]
    ) { house, rule in
      house.swift(of: HousePlan.rooms).filter { !$0.name.hasSuffix("Error.swift") }.flatMap {
        $0.findings(
          #"\bRPCError\s*[(.]|\bStatus\.Code\b|(?<!Error)\.(invalidArgument|failedPrecondition|alreadyExists|permissionDenied|resourceExhausted|unauthenticated|deadlineExceeded|outOfRange|unimplemented|internalError|dataLoss)\b(?!\()"#,
          rule,
          in: $0.code
        )
      }
    },
    Check(
      "no test sleeps",
      bad: [
        ["Tests/NamesTests/A.swift": "try await Task.sleep(for: .seconds(1))"],
        ["Tests/NamesTests/A.swift": "usleep(100)"],
      ],
      good: [
        ["Tests/NamesTests/A.swift": "// sleep(1)\nfunc doesNotSleep() {}"],
        ["Tests/Benchmarks/LoadClient/A.swift": "try await Task.sleep(for: .seconds(1))"],
      ]
    ) { house, rule in
      house.swift(under: "Tests").filter { $0.module != "Benchmarks" }.flatMap {
        $0.findings(#"\b(u|nano)?sleep\s*\("#, rule, in: $0.code)
      }
    },
    Check(
      "tests are written in Swift Testing",
      bad: [["Tests/NamesTests/A.swift": "internal import XCTest"]],
      good: [["Tests/NamesTests/A.swift": "internal import Testing"]]
    ) { house, rule in
      house.swift(under: "Tests").flatMap { $0.findings(#"import\s+XCTest"#, rule, in: $0.code) }
    },
    Check(
      "no note of what is still to do",
      bad: [
        ["Sources/Names/A.swift": "// TO" + "DO: later"], ["Protos/a.proto": "// FIX" + "ME"],
        ["Sources/Names/Migrations/V0001__names_create.sql": "-- HA" + "CK"],
      ],
      good: [["Sources/Names/A.swift": "let todos = 1 // to do is a verb"]]
    ) { house, rule in
      house.files.filter { !$0.path.contains("/Generated/") }.flatMap {
        $0.findings(
          #"\b(TO"# + #"DO|FIX"# + #"ME|HA"# + #"CK|XX"# + #"X)\b"#,
          rule,
          in: $0.plainLines
        )
      }
    },
  ]
}

extension HouseFile {
  /// The lines of code, without literals and comments.
  var code: [String] { swift?.code ?? [] }
  /// The lines as they are.
  var plainLines: [String] { lines.map(String.init) }
}
