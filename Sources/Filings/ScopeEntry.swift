/// A line of the table of approvals.
struct ScopeEntry: Sendable {
  /// Whether the approval comes before registration.
  let isBefore: Bool
  /// What is dealt in.
  let nouns: [String]
  /// What is done with it; none where a noun alone names the item.
  let verbs: [String]
  /// The permit.
  let permit: String
  /// The article; may be empty.
  let basis: String

  /// Reads a line; nothing if it has not five columns.
  init?(_ line: Substring) {
    let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard columns.count == 5 else { return nil }
    isBefore = columns[0] == "PRE"
    nouns = columns[1].split(separator: "|").map(String.init)
    verbs = columns[2] == "-" ? [] : columns[2].split(separator: "|").map(String.init)
    permit = columns[3]
    basis = columns[4] == "-" ? "" : columns[4]
  }

  /// Whether a text mentions what the item is about.
  ///
  /// Nouns of two characters stand in too many harmless words: they count with a verb in the same clause.
  ///
  /// - Parameters:
  ///   - text: Clauses, a line each.
  ///   - known: Nouns that are known to belong to another item.
  /// - Returns: Whether an examiner should look.
  func isHinted(in text: String, besides known: Set<String>) -> Bool {
    text.split(separator: "\n").contains { clause in
      nouns.contains { noun in
        guard !known.contains(noun), !clause.places(of: noun).isEmpty else { return false }
        return noun.count > 2 || verbs.isEmpty || verbs.contains(where: clause.contains)
      }
    }
  }
}

/// How nouns and verbs of the table stand together in a wording: 烟花爆竹生产、销售 names two items, and
/// so does 批发、零售卷烟.
struct ScopeGrammar: Sendable {
  /// Longest first.
  private let nouns: [String]
  /// Longest first.
  private let verbs: [String]

  /// The words of some entries.
  init(_ entries: [ScopeEntry]) {
    nouns = Set(entries.flatMap(\.nouns)).sorted { ($1.count, $0) < ($0.count, $1) }
    verbs = Set(entries.flatMap(\.verbs)).sorted { ($1.count, $0) < ($0.count, $1) }
  }

  /// Whether a text names an entry's item, and not only what serves it.
  ///
  /// Nouns that are joined share the verbs after them, 图书、期刊出版, or before them, 销售：烟花、爆竹.
  func names(_ entry: ScopeEntry, in text: String) -> Bool {
    if entry.verbs.isEmpty {
      return entry.nouns.contains { noun in
        text[...].places(of: noun).contains { isItself(text[$0.upperBound...]) }
      }
    }
    return entry.nouns.contains { noun in
      text[...].places(of: noun).contains { isFollowed(text[$0.upperBound...], byVerbOf: entry) }
    }
      || entry.verbs.contains { verb in
        text[...].places(of: verb).contains { isFollowed(text[$0.upperBound...], byNounOf: entry) }
      }
  }

  /// Whether a verb of the entry comes next, after joined nouns and other joined verbs.
  private func isFollowed(_ text: Substring, byVerbOf entry: ScopeEntry) -> Bool {
    var rest = text
    while let next = dropping(nouns, after: Self.joiners, from: rest) { rest = next }
    rest = dropping(Self.links, from: rest) ?? rest
    var joiners = [""]
    while let (start, verb) = leading(verbs, after: joiners, in: rest) {
      rest = start.dropFirst(verb.count)
      if entry.verbs.contains(where: start.hasPrefix), isItself(rest) { return true }
      joiners = Self.joiners
    }
    return false
  }

  /// Whether a noun of the entry comes next, after other joined verbs and joined nouns.
  private func isFollowed(_ text: Substring, byNounOf entry: ScopeEntry) -> Bool {
    var rest = text
    while let next = dropping(verbs, after: Self.joiners + [""], from: rest) { rest = next }
    rest = dropping(["："], from: rest) ?? rest
    var joiners = [""]
    while let (start, noun) = leading(nouns, after: joiners, in: rest) {
      rest = start.dropFirst(noun.count)
      // What another verb follows is that verb's: 食品进口图书零售.
      let hasOwnVerb = leading(verbs, after: [""] + Self.links, in: rest) != nil
      if entry.nouns.contains(noun), !hasOwnVerb || joiners == [""], isItself(rest) { return true }
      joiners = Self.joiners
    }
    return false
  }

  /// Whether nothing follows that makes it another business.
  private func isItself(_ rest: Substring) -> Bool {
    !ScopeApprovalTable.otherBusinesses.contains(where: rest.hasPrefix)
  }

  /// The word that comes next after one of the joiners, and the text from it on.
  private func leading(
    _ words: [String],
    after joiners: [String],
    in text: Substring
  ) -> (start: Substring, word: String)? {
    for joiner in joiners where text.hasPrefix(joiner) {
      let start = text.dropFirst(joiner.count)
      if let word = words.first(where: start.hasPrefix) { return (start, word) }
    }
    return nil
  }

  private func dropping(
    _ words: [String],
    after joiners: [String],
    from text: Substring
  ) -> Substring? {
    leading(words, after: joiners, in: text).map { $0.start.dropFirst($0.word.count) }
  }

  private func dropping(_ words: [String], from text: Substring) -> Substring? {
    dropping(words, after: [""], from: text)
  }

  /// What joins words of one kind.
  private static let joiners = ["、", "及其", "以及", "及", "和", "与", "或者", "或", "兼", "/", "／"]
  /// What stands between nouns and their verbs.
  private static let links = ["等的", "的", "等", "类"]
}

extension Substring {
  /// Where a noun stands and is not denied: 非烟草制品 is none.
  fileprivate func places(of word: String) -> [Range<Index>] {
    ranges(of: word).filter {
      $0.lowerBound == startIndex || self[index(before: $0.lowerBound)] != "非"
    }
  }
}
