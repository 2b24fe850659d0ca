internal import APIConventions
internal import Accounts
internal import Rendering
internal import ShangMi
internal import Signatures

/// A paper of a filing before it is rendered: what stands on it, and who signs it.
struct FilingPaper: Hashable, Sendable {
  /// Which paper.
  let kind: DocumentKind
  /// What stands on it.
  let printed: PrintedDocument
  /// Who signs it: each party once, in all its roles.
  let signers: [PaperSigner]

  /// A paper; its signature blocks are made from those who sign.
  ///
  /// - Parameters:
  ///   - kind: Which paper.
  ///   - filing: The filing, whose number stands on it.
  ///   - title: The title.
  ///   - sections: The body.
  ///   - signatures: Who signs in which role; a party may stand more than once.
  init(
    _ kind: DocumentKind,
    of filing: Filing,
    title: String,
    sections: [PrintedDocument.Section],
    signatures: [(party: PartyRecord, role: SignatureRole)]
  ) {
    self.kind = kind
    signers = PaperSigner.merged(signatures)
    printed = PrintedDocument(
      title: title,
      number: "业务流水号：\(filing.number)",
      sections: sections,
      declaration: Self.declaration,
      signatureBlocks: signers.map { signer in
        PrintedDocument.SignatureBlock(
          role: SignatureRole.allCases.filter(signer.roles.contains).map(\.term)
            .joined(separator: "、"),
          name: signer.party.displayName
        )
      }
    )
  }

  /// What every signer declares.
  ///
  /// Source: plan of 2017, section 四(二)2; Regulations on the Registration of Market Entities, art. 17.
  static let declaration =
    "签署人声明：本人已阅读本文书，对通过全程电子化登记提交的电子申请材料、数据的合法性、真实性、有效性负责；"
    + "签署本文书所用的签名制作数据由本人专有并由本人控制，其签名与手写签名或者盖章具有同等法律效力。"

  /// What stands on the paper and who signs it, as one number: two papers with one digest print the same
  /// for the same parties, also where numbers are masked.
  var printedSM3: SM3Digest { printed.canonicalSM3(for: signers.map(\.party.code)) }
}

/// Who signs a paper, in which roles.
struct PaperSigner: Hashable, Sendable {
  /// The party.
  let party: PartyRecord
  /// The roles, at least one.
  var roles: Set<SignatureRole>

  /// Each party once, in the order of their first mention.
  static func merged(_ signatures: [(party: PartyRecord, role: SignatureRole)]) -> [PaperSigner] {
    var signers: [PaperSigner] = []
    var places: [String: Int] = [:]
    for (party, role) in signatures {
      if let place = places[party.code] {
        signers[place].roles.insert(role)
      } else {
        places[party.code] = signers.count
        signers.append(PaperSigner(party: party, roles: [role]))
      }
    }
    return signers
  }
}

extension PrintedDocument {
  /// SM3 over a canonical encoding of the value: each part with a tag, each text with its length.
  ///
  /// - Parameter parties: The codes of those who sign.
  /// - Returns: The digest.
  func canonicalSM3(for parties: [String]) -> SM3Digest {
    var encoder = CanonicalEncoder()
    encoder.add("title", title)
    encoder.add("number", number)
    encoder.add("addressee", addressee)
    for section in sections {
      encoder.add("section", section.heading)
      for block in section.blocks { encoder.add(block) }
    }
    encoder.add("declaration", declaration)
    for block in signatureBlocks {
      encoder.add("role", block.role)
      encoder.add("name", block.name)
    }
    encoder.add("authority", issuer?.authority)
    encoder.add("date", issuer?.date)
    encoder.add("footer", footer)
    for party in parties { encoder.add("party", party) }
    return SM3Digest(hashing: encoder.bytes)
  }
}

/// Writes texts so that no two sequences of texts have the same bytes.
private struct CanonicalEncoder {
  var bytes: [UInt8] = []

  /// A tag and a text; an absent text is told from an empty one.
  mutating func add(_ tag: String, _ text: String?) {
    append(tag)
    guard let text else {
      bytes.append(0)
      return
    }
    bytes.append(1)
    append(text)
  }

  /// A block with all of its texts.
  mutating func add(_ block: PrintedDocument.Block) {
    switch block {
    case .paragraph(let text): add("paragraph", text)
    case .list(let items, let ordered):
      add("list", "\(ordered) \(items.count)")
      for item in items { add("item", item) }
    case .fields(let fields):
      add("fields", "\(fields.count)")
      for field in fields {
        add("label", field.label)
        add("value", field.value)
      }
    case .table(let table):
      add("table", "\(table.columns.count) \(table.rows.count)")
      for column in table.columns {
        add("column", "\(column.title)\n\(column.weight) \(column.alignment)")
      }
      for cell in table.rows.flatMap(\.self) { add("cell", cell) }
    }
  }

  private mutating func append(_ text: String) {
    let utf8 = Array(text.utf8)
    withUnsafeBytes(of: UInt32(utf8.count).bigEndian) { bytes += $0 }
    bytes += utf8
  }
}
