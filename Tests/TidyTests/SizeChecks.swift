extension Check {
  /// Files and functions that can be read at once.
  static let size = [
    Check(
      "no file of Swift or C has over 400 lines",
      bad: [["Sources/Names/A.swift": lines(401)], ["Clients/c/a.c": lines(401)]],
      good: [
        ["Sources/Names/A.swift": lines(400)],
        ["Sources/RegistryAPI/Generated/a.swift": lines(900)],
      ]
    ) { house, rule in
      house.files.filter { file in
        (file.swift != nil || file.path.hasSuffix(".c") || file.path.hasSuffix(".h"))
          && file.lines.count > 401
      }.map { Finding(path: $0.path, line: $0.lines.count - 1, rule: rule) }
    },
    Check(
      "no function has over 60 lines, its signature included",
      bad: [
        ["Sources/Names/A.swift": "  func f() {\n\(lines(59))}\n"],
        ["Sources/Names/A.swift": "init(\n  a: Int\n)\nwhere T: A {\n\(lines(56))}\n"],
        ["Tests/NamesTests/A.swift": "  static var a: [Int] {\n\(lines(59))}\n"],
      ],
      good: [
        ["Sources/Names/A.swift": "  func f() {\n\(lines(58))}\n"],
        [
          "Sources/Names/A.swift":
            "protocol A {\n  func f() -> Int\n  var a: Int { get }\n}\n\(lines(90))"
        ],
        ["Sources/Names/A.swift": "let a = {\n\(lines(90))}\nlet s = \"func f() {\"\n\(lines(90))"],
      ]
    ) { house, rule in
      house.swift(under: "Sources", "Clients", "Tests").flatMap { file in
        functions(in: file.swift?.code ?? []).filter { $0.count > 60 }
          .map { Finding(path: file.path, line: $0.lowerBound, rule: rule) }
      }
    },
  ]

  private static func lines(_ count: Int) -> String {
    String(repeating: "\n", count: count)
  }

  /// From the line of its declaration to that of its closing brace, each function's lines.
  static func functions(in code: [String]) -> [ClosedRange<Int>] {
    let declaration = Pattern(
      #"^\s*(@\w+(\([^)]*\))?\s+|\w+(\(set\))?\s+)*(func\s|init[?(<]|deinit\b|subscript\s*[(<]|var\s+\w+\s*:)"#
    )
    return code.indices.compactMap { start in
      guard declaration.matches(code[start]) else { return nil }
      return end(ofFunctionAt: start, in: code).map { start + 1...$0 + 1 }
    }
  }

  /// The line of the brace that closes the function, or nil if it has no body.
  private static func end(ofFunctionAt start: Int, in code: [String]) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<code.count {
      let line = code[index]
      if index > start, braces == 0, parentheses == 0, !goesOn(line) { return nil }
      var previous: Character = " "
      for character in line {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses -= 1
        case "{" where parentheses == 0 || braces > 0: braces += 1
        case "}" where braces > 0:
          braces -= 1
          if braces == 0 { return index }
        // A stored property, or a default value of one.
        case "="
        where braces == 0 && parentheses == 0 && previous == " " && isProperty(code[start]):
          return nil
        default: break
        }
        previous = character
      }
    }
    return nil
  }

  private static func isProperty(_ line: String) -> Bool {
    Pattern(#"\bvar\s"#).matches(line)
  }

  /// Whether a line goes on with the signature begun before it.
  private static func goesOn(_ line: String) -> Bool {
    Pattern(#"^\s*($|\{|where\b|->|async\b|throws\b|\))"#).matches(line)
  }
}
