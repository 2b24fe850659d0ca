/// The words that industry expressions are made of, which of them mean the same, and which say
/// nothing about an industry.
struct IndustryVocabulary: Sendable {
  /// The vocabulary of this program.
  static let standard = IndustryVocabulary(
    synonyms: IndustryWords.synonyms,
    words: IndustryWords.plain,
    generic: IndustryWords.generic,
    openings: IndustryWords.openings
  )

  /// By word: the first word of its group, itself if it has no synonyms.
  private let groups: [[Unicode.Scalar]: [Unicode.Scalar]]
  private let generic: Set<[Unicode.Scalar]>
  private let openings: Set<[Unicode.Scalar]>
  private let longest: Int

  /// A vocabulary.
  ///
  /// - Parameters:
  ///   - synonyms: A group a line, its words parted by spaces.
  ///   - words: Words without synonyms, parted by white space.
  ///   - generic: Words that name no industry, parted by white space.
  ///   - openings: Words that expressions begin with but that name no industry by themselves.
  init(synonyms: String, words: String, generic: String, openings: String = "") {
    var groups: [[Unicode.Scalar]: [Unicode.Scalar]] = [:]
    for line in synonyms.split(whereSeparator: \.isNewline) {
      let members = line.split(separator: " ").map { Array($0.unicodeScalars) }
      for member in members { groups[member] = members[0] }
    }
    let namesNoIndustry = generic.split(whereSeparator: \.isWhitespace)
      .map { Array($0.unicodeScalars) }
    let others = words.split(whereSeparator: \.isWhitespace).map { Array($0.unicodeScalars) }
    for word in others + namesNoIndustry where groups[word] == nil { groups[word] = word }
    self.groups = groups
    self.generic = Set(namesNoIndustry)
    self.openings = Set(
      openings.split(whereSeparator: \.isWhitespace).map { Array($0.unicodeScalars) }
    )
    longest = groups.keys.map(\.count).max() ?? 0
  }

  /// What an industry expression says, with each word replaced by its group's first: expressions of
  /// one meaning have one key.
  func key(of expression: String) -> String {
    let scalars = Array(expression.unicodeScalars)
    var key = String.UnicodeScalarView()
    var start = 0
    while start < scalars.count {
      let length = lengthOfWord(in: scalars, at: start)
      if length == 0 {
        key.append(scalars[start])
        start += 1
      } else {
        let word = Array(scalars[start..<start + length])
        key.append("|")
        key.append(contentsOf: groups[word] ?? word)
        key.append("|")
        start += length
      }
    }
    return String(key)
  }

  /// Whether an expression names no industry: it is empty, or made of generic words alone.
  ///
  /// - Parameter key: The expression's key.
  /// - Returns: True for the empty key too.
  func isGeneric(key: String) -> Bool {
    key.unicodeScalars.split(separator: "|").allSatisfy { generic.contains(Array($0)) }
  }

  /// Whether a text is nothing but words of industries or operating features.
  func isIndustry(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    return !scalars.isEmpty && isMade(of: scalars) { groups[$0] != nil }
  }

  /// Whether a text begins with a word of the vocabulary, so that what stands before it ends there.
  func beginsWithWord(_ text: [Unicode.Scalar]) -> Bool {
    lengthOfWord(in: text, at: 0) > 0 || openings.contains { text.starts(with: $0) }
  }

  /// The length of the longest word that begins at `start`, 0 if none does.
  private func lengthOfWord(in text: [Unicode.Scalar], at start: Int) -> Int {
    let reach = min(longest, text.count - start)
    guard reach >= 2 else { return 0 }
    return (2...reach).reversed().first { groups[Array(text[start..<start + $0])] != nil } ?? 0
  }

  /// Whether a text can be cut wholly into words that `isWord` knows.
  private func isMade(of text: [Unicode.Scalar], by isWord: ([Unicode.Scalar]) -> Bool) -> Bool {
    var reachable = [true] + Array(repeating: false, count: text.count)
    for end in text.indices.map({ $0 + 1 }) {
      reachable[end] = (max(0, end - longest)..<end).contains { start in
        reachable[start] && isWord(Array(text[start..<end]))
      }
    }
    return reachable[text.count]
  }
}
