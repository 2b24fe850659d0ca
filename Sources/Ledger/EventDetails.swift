extension [String: String] {
  /// The values by key as a JSON object, keys sorted; a general encoder costs more than the event.
  ///
  /// Source: RFC 8259, section 7.
  var sortedJSON: String {
    var text = "{"
    for (key, value) in self.sorted(by: { $0.key < $1.key }) {
      if text.utf8.count > 1 { text += "," }
      text.append(quoted: key)
      text += ":"
      text.append(quoted: value)
    }
    return text + "}"
  }
}

extension String {
  fileprivate mutating func append(quoted text: String) {
    self += "\""
    if text.utf8.contains(where: {
      $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
    }) {
      for scalar in text.unicodeScalars { append(escaped: scalar) }
    } else {
      self += text
    }
    self += "\""
  }

  private mutating func append(escaped scalar: Unicode.Scalar) {
    switch scalar {
    case "\"", "\\":
      self += "\\"
      unicodeScalars.append(scalar)
    case "\u{8}": self += "\\b"
    case "\u{c}": self += "\\f"
    case "\n": self += "\\n"
    case "\r": self += "\\r"
    case "\t": self += "\\t"
    case _ where scalar.value < 0x20:
      self += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
    default: unicodeScalars.append(scalar)
    }
  }
}
