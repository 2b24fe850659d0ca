/// Finds many words in one pass over a text.
///
/// Source: A. V. Aho, M. J. Corasick, "Efficient string matching", CACM 18 (1975).
struct WordMatcher: Sendable {
  /// A word found.
  struct Match: Hashable, Sendable {
    /// The word's place in the list.
    let pattern: Int
    /// Its place in the text.
    let range: Range<Int>
  }

  private struct Node: Sendable {
    var next: [Unicode.Scalar: Int] = [:]
    /// The node of the longest proper suffix that is in the tree.
    var fallback = 0
    /// The words that end here, the suffixes' included.
    var ends: [Int] = []
  }

  private var nodes = [Node()]
  private let lengths: [Int]

  /// Prepares to find `words`; empty ones are never found.
  init(_ words: [String]) {
    lengths = words.map(\.unicodeScalars.count)
    for (pattern, word) in words.enumerated() where !word.isEmpty { insert(word, as: pattern) }
    link()
  }

  private mutating func insert(_ word: String, as pattern: Int) {
    var node = 0
    for scalar in word.unicodeScalars {
      if let known = nodes[node].next[scalar] {
        node = known
      } else {
        nodes.append(Node())
        nodes[node].next[scalar] = nodes.count - 1
        node = nodes.count - 1
      }
    }
    nodes[node].ends.append(pattern)
  }

  /// Links each node to its fallback, by breadth.
  private mutating func link() {
    var queue = Array(nodes[0].next.values)
    var head = 0
    while head < queue.count {
      let node = queue[head]
      head += 1
      for (scalar, child) in nodes[node].next {
        nodes[child].fallback = step(from: nodes[node].fallback, by: scalar)
        nodes[child].ends += nodes[nodes[child].fallback].ends
        queue.append(child)
      }
    }
  }

  private func step(from node: Int, by scalar: Unicode.Scalar) -> Int {
    var node = node
    while true {
      if let next = nodes[node].next[scalar] { return next }
      if node == 0 { return 0 }
      node = nodes[node].fallback
    }
  }

  /// Every occurrence of every word, by its end.
  func matches(in text: [Unicode.Scalar]) -> [Match] {
    var found: [Match] = []
    var node = 0
    for (place, scalar) in text.enumerated() {
      node = step(from: node, by: scalar)
      for pattern in nodes[node].ends {
        found.append(Match(pattern: pattern, range: place + 1 - lengths[pattern]..<place + 1))
      }
    }
    return found
  }
}
