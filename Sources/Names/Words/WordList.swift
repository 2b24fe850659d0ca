/// Words that names may not hold, as data: each with the rule that it breaks, where it counts, and
/// phrases in which it does not.
struct WordList: Sendable {
  /// The lists of this program.
  static let standard = WordList([
    ProhibitedWords.text, ForeignWords.text, ReservedWords.text,
  ])

  /// Where a word counts.
  enum Place: String, Sendable {
    /// Anywhere within the name.
    case inside
    /// At the very beginning of the name.
    case prefix
    /// As the whole trade name.
    case trade
  }

  /// A word of a list.
  struct Entry: Hashable, Sendable {
    let word: String
    let rule: NamingRule
    let place: Place
  }

  /// A word found, with its place in characters.
  struct Hit: Hashable, Sendable {
    let entry: Entry
    let range: Range<Int>
  }

  private let trades: [String: Entry]
  private let prefixes: [Entry]
  private let insides: [Entry]
  private let matcher: WordMatcher

  /// Reads lists.
  ///
  /// A line in brackets, `[V09a inside]`, tells rule and place of the lines after it; these hold
  /// words parted by white space. A word may be followed by `!` and a longer phrase in which it
  /// does not count: `英国!精英国际`.
  init(_ texts: [String]) {
    var entries: [Entry] = []
    var allowed: [String] = []
    for text in texts {
      var section: (NamingRule, Place)?
      for line in text.split(whereSeparator: \.isNewline) {
        if line.hasPrefix("[") {
          let fields = line.dropFirst().dropLast().split(separator: " ")
          section = NamingRule(rawValue: String(fields[0])).flatMap { rule in
            Place(rawValue: String(fields[1])).map { (rule, $0) }
          }
          continue
        }
        for field in line.split(separator: " ") {
          let words = field.split(separator: "!").map(String.init)
          if let (rule, place) = section {
            entries.append(Entry(word: words[0], rule: rule, place: place))
          }
          allowed += words.dropFirst()
        }
      }
    }
    trades = Dictionary(
      entries.filter { $0.place == .trade }.map { ($0.word, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    prefixes = entries.filter { $0.place == .prefix }
    insides = entries.filter { $0.place == .inside }
    matcher = WordMatcher(insides.map(\.word) + allowed)
  }

  /// The word that the trade name must not be.
  func entry(forTradeName tradeName: String) -> Entry? { trades[tradeName] }

  /// The longest word that the name must not begin with.
  func entry(beginning name: String) -> Entry? {
    prefixes.filter { name.hasPrefix($0.word) }.max { $0.word.count < $1.word.count }
  }

  /// Every word inside a text, in its order.
  ///
  /// A word within a longer one found, or within a phrase in which it does not count, is left
  /// out.
  func hits(in text: [Unicode.Scalar]) -> [Hit] {
    let matches = matcher.matches(in: text)
    return matches.filter { match in
      match.pattern < insides.count
        && !matches.contains { other in
          other.range != match.range && other.range.lowerBound <= match.range.lowerBound
            && other.range.upperBound >= match.range.upperBound
        }
    }
    .map { Hit(entry: insides[$0.pattern], range: $0.range) }
  }

  /// Every word and phrase of the lists, for tests of the lists themselves.
  var entries: [Entry] { Array(trades.values) + prefixes + insides }
}
