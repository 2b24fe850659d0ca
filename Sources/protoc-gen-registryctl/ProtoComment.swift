internal import SwiftProtobuf
internal import SwiftProtobufPluginLibrary

/// The comment before an element of a proto, as text for people: paragraphs and items of lists.
struct ProtoComment {
  /// Each paragraph or item on one line, without back quotes.
  let blocks: [String]

  init(before element: any ProvidesSourceCodeLocation) {
    self.init(element.sourceCodeInfoLocation?.leadingComments ?? "")
  }

  init(_ text: String) {
    var blocks: [String] = []
    var begins = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(separator: " ").joined(separator: " ")
        .filter { $0 != "`" }
      if words.isEmpty {
        begins = true
      } else if begins || words.hasPrefix("- ") || words.hasPrefix("Errors") {
        blocks.append(words)
        begins = false
      } else {
        // Chinese is written without spaces.
        let isChinese = blocks[blocks.count - 1].endsInChinese && words.beginsInChinese
        blocks[blocks.count - 1] += (isChinese ? "" : " ") + words
      }
    }
    self.blocks = blocks
  }

  /// The first sentence, for lists.
  var summary: String {
    guard let first = blocks.first else { return "" }
    guard let end = first.firstRange(of: ". ") else { return first }
    return String(first[..<end.lowerBound]) + "."
  }

  /// What follows the first sentence, a line a block.
  var discussion: String {
    guard let first = blocks.first else { return "" }
    let rest = first.dropFirst(summary.count).drop { $0 == " " }
    return ((rest.isEmpty ? [] : [String(rest)]) + blocks.dropFirst()).joined(separator: "\n")
  }

  /// All of it on one line.
  var line: String { blocks.joined(separator: " ") }
}

extension String {
  /// The last character belongs to Chinese text, punctuation included.
  var endsInChinese: Bool { (unicodeScalars.last?.value ?? 0) >= 0x2E80 }
  /// The first character belongs to Chinese text, punctuation included.
  var beginsInChinese: Bool { (unicodeScalars.first?.value ?? 0) >= 0x2E80 }

  /// The text between the quotes of a Swift literal.
  var escaped: String {
    var text = ""
    for character in self {
      if character == "\\" || character == "\"" { text += "\\" }
      text.append(character)
    }
    return text
  }
}
