/// What stands on the paper of one administrative document (登记文书), as a pure value.
///
/// The renderer adds nothing but page numbers, running headers and the frame of tables: headings are
/// printed as given, with no numbering of its own. Line feeds inside a value break the line; the footer
/// has none.
package struct PrintedDocument: Sendable, Hashable {
  /// The title, centered on the first page, such as `公司登记（备案）申请书`.
  ///
  /// At most 200 characters.
  package var title: String
  /// The document's number (文号), right under the title, or nil.
  ///
  /// At most 200 characters.
  package var number: String?
  /// Whom a notice addresses, printed flush left with a colon by the caller, or nil.
  package var addressee: String?
  /// The body, in order.
  package var sections: [Section]
  /// What the signers declare, in a frame of its own before the signatures, or nil.
  package var declaration: String?
  /// Who signs; one line each, with room for a handwritten signature and a date.
  ///
  /// May be empty.
  package var signatureBlocks: [SignatureBlock]
  /// The authority that issues a notice or decision and its date, at the lower right, or nil.
  package var issuer: Issuer?
  /// A line at the foot of every page, above the page number; empty for none.
  ///
  /// At most 200 characters.
  package var footer: String

  /// A document from its parts; only title and sections are needed.
  package init(
    title: String,
    number: String? = nil,
    addressee: String? = nil,
    sections: [Section],
    declaration: String? = nil,
    signatureBlocks: [SignatureBlock] = [],
    issuer: Issuer? = nil,
    footer: String = ""
  ) {
    self.title = title
    self.number = number
    self.addressee = addressee
    self.sections = sections
    self.declaration = declaration
    self.signatureBlocks = signatureBlocks
    self.issuer = issuer
    self.footer = footer
  }

  /// A part of the body under one heading.
  package struct Section: Sendable, Hashable {
    /// The heading as printed, such as `一、基本信息`, or nil.
    package var heading: String?
    /// Paragraphs, lists, field tables and tables, in order.
    package var blocks: [Block]

    /// A section from its heading and blocks.
    package init(_ heading: String? = nil, _ blocks: [Block]) {
      self.heading = heading
      self.blocks = blocks
    }
  }

  /// One block of a section.
  package enum Block: Sendable, Hashable {
    /// A justified paragraph whose first line is indented by two characters.
    case paragraph(String)
    /// A list, its items numbered `1．` when ordered and marked `·` when not.
    case list([String], ordered: Bool)
    /// A framed table of labels and values; short values share a line by two.
    case fields([Field])
    /// A framed table with a header that repeats on each page.
    case table(Table)
  }

  /// A label and its value; an empty value leaves the cell empty.
  package struct Field: Sendable, Hashable {
    /// The label, such as `企业名称`.
    package var label: String
    /// The value, of any length that the document's limits allow.
    package var value: String

    /// A field from its label and value.
    package init(_ label: String, _ value: String) {
      self.label = label
      self.value = value
    }
  }

  /// A table; every row has as many cells as there are columns.
  package struct Table: Sendable, Hashable {
    /// The columns, 1 to 12.
    package var columns: [Column]
    /// The rows; their number is bounded by the document's limits only.
    package var rows: [[String]]

    /// A table from its columns and rows.
    package init(columns: [Column], rows: [[String]]) {
      self.columns = columns
      self.rows = rows
    }
  }

  /// A column of a table.
  package struct Column: Sendable, Hashable {
    /// The title in the header row.
    package var title: String
    /// The column's share of the table's width relative to the others; from 0.2 to 20.
    package var weight: Double
    /// Where its cells' text stands.
    package var alignment: Alignment

    /// A column; by default of weight 1 and flush left.
    package init(_ title: String, weight: Double = 1, alignment: Alignment = .leading) {
      self.title = title
      self.weight = weight
      self.alignment = alignment
    }
  }

  /// Where text stands between the edges of its cell.
  package enum Alignment: Sendable, Hashable {
    /// Flush left.
    case leading
    /// In the middle.
    case center
    /// Flush right, as money and counts are.
    case trailing
  }

  /// One signer.
  package struct SignatureBlock: Sendable, Hashable {
    /// In which role, such as `股东` or `法定代表人`.
    package var role: String
    /// The signer's name.
    package var name: String

    /// A signature block from role and name.
    package init(role: String, name: String) {
      self.role = role
      self.name = name
    }
  }

  /// The authority that issues a document.
  package struct Issuer: Sendable, Hashable {
    /// The authority's name.
    package var authority: String
    /// The date as printed, such as `2017年10月9日`.
    package var date: String

    /// An issuer from its name and the printed date.
    package init(authority: String, date: String) {
      self.authority = authority
      self.date = date
    }
  }
}

extension PrintedDocument {
  /// Every text with the limit of its length, for the check before anything is drawn.
  var texts: [(field: String, text: String, limit: Int)] {
    let limits = RenderingLimits.self
    var all: [(field: String, text: String, limit: Int)] = [
      ("title", title, limits.titleCharacters),
      ("number", number ?? "", limits.titleCharacters),
      ("footer", footer, limits.titleCharacters),
      ("addressee", addressee ?? "", limits.titleCharacters),
      ("declaration", declaration ?? "", limits.characters),
      ("issuer", (issuer?.authority ?? "") + (issuer?.date ?? ""), limits.titleCharacters),
    ]
    for block in signatureBlocks {
      all.append(("signature_blocks", block.role + block.name, limits.characters))
    }
    for section in sections {
      all.append(("heading", section.heading ?? "", limits.titleCharacters))
      all += section.blocks.flatMap(\.texts).map { ("sections", $0, limits.characters) }
    }
    return all
  }
}

extension PrintedDocument.Block {
  /// The texts of this block.
  fileprivate var texts: [String] {
    switch self {
    case .paragraph(let text): [text]
    case .list(let items, _): items
    case .fields(let fields): fields.flatMap { [$0.label, $0.value] }
    case .table(let table): table.columns.map(\.title) + table.rows.flatMap(\.self)
    }
  }
}
