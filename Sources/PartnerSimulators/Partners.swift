internal import Synchronization
internal import Vocabulary

/// The partners behind their services: the script, how far it has gone, and what was answered before.
package final class Partners: Sendable {
  /// An answer of the legal-entity library.
  struct EntityAnswer: Sendable {
    let code: String
    /// Nothing unless found.
    let entity: PartnerScript.Entity?
  }

  private struct State {
    var script: PartnerScript
    /// How many comparisons there were of a number, look-ups of a credit code.
    var turns: [String: Int] = [:]
    var comparisons = Replies<String>()
    var lookUps = Replies<EntityAnswer>()
    var messages: MessageLog
  }

  private let state: Mutex<State>

  /// The partners of a script.
  ///
  /// - Parameters:
  ///   - script: What they answer.
  ///   - path: The file that messages are appended to, and whose messages count as received; nothing
  ///     to keep them in memory only.
  /// - Throws: `MessageLogError` if the file cannot be read or written.
  package init(script: PartnerScript, messagesPath path: String?) throws(MessageLogError) {
    state = Mutex(State(script: script, messages: try MessageLog(path: path)))
  }

  /// Goes on by another script; who was answered before gets the same answer still.
  package func follow(_ script: PartnerScript) {
    state.withLock { $0.script = script }
  }

  /// The messages received, in their order.
  package var messages: [ReceivedMessage] { state.withLock { $0.messages.all } }

  /// Whether a partner does not answer.
  func isDown(_ partner: Partner) -> Bool { state.withLock { $0.script.down.contains(partner) } }

  /// How long a partner's answer takes.
  func delay(of partner: Partner) -> Duration {
    state.withLock { $0.script.delays[partner] ?? .zero }
  }

  /// Compares a name and a number.
  ///
  /// - Parameters:
  ///   - name: The name, any interpunct.
  ///   - number: The resident identity number.
  ///   - requestID: The id of the comparison.
  /// - Returns: The result code, the first one for a repeat.
  func comparison(of name: String, _ number: String, request requestID: String) -> String {
    state.withLock { state in
      if let reply = state.comparisons[requestID] { return reply }
      let code = Self.code(of: name, number, in: &state)
      state.comparisons[requestID] = code
      return code
    }
  }

  private static func code(of name: String, _ number: String, in state: inout State) -> String {
    guard ResidentIdentityNumber(number) != nil else { return "03" }
    guard let person = state.script.persons[number] else { return state.script.unknownPersonCode }
    let code = turn(number, among: person.codes, in: &state)
    let isOutOfOrder = code.hasPrefix("9")
    return isOutOfOrder || PartnerScript.normalized(name) == person.name ? code : "01"
  }

  /// Looks an entity up.
  ///
  /// - Parameters:
  ///   - creditCode: The unified social credit code.
  ///   - requestID: The id of the look-up.
  /// - Returns: The answer, the first one for a repeat.
  func lookUp(_ creditCode: String, request requestID: String) -> EntityAnswer {
    state.withLock { state in
      if let reply = state.lookUps[requestID] { return reply }
      let answer: EntityAnswer
      if let entity = state.script.entities[creditCode] {
        let code = Self.turn(creditCode, among: entity.codes, in: &state)
        answer = EntityAnswer(code: code, entity: code == "00" || code == "10" ? entity : nil)
      } else {
        answer = EntityAnswer(code: state.script.unknownEntityCode, entity: nil)
      }
      state.lookUps[requestID] = answer
      return answer
    }
  }

  /// Sends a message, unless it was sent.
  ///
  /// - Parameters:
  ///   - deliveryID: The id of the delivery.
  ///   - mobileNumber: Whom to.
  ///   - text: What.
  /// - Throws: `MessageLogError` if it cannot be written; then it was not sent.
  /// - Returns: The receipt, the first one for a repeat.
  func send(
    _ deliveryID: String,
    to mobileNumber: String,
    text: String
  ) throws(MessageLogError) -> String {
    try state.withLock { (state) throws(MessageLogError) in
      try state.messages.receive(deliveryID, for: mobileNumber, text: text)
    }
  }

  /// The code whose turn it is, and the next one's turn.
  private static func turn(_ key: String, among codes: [String], in state: inout State) -> String {
    let turn = state.turns[key, default: 0]
    state.turns[key] = turn + 1
    return codes[min(turn, codes.count - 1)]
  }
}
