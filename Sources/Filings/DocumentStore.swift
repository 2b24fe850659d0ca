internal import APIConventions
internal import Foundation
internal import Postgres
package import ShangMi
package import Signatures
internal import Vocabulary

/// A paper of a filing as it was rendered.
package struct FiledDocument: Hashable, Sendable {
  /// Which paper.
  package let kind: DocumentKind
  /// The title, in Chinese.
  package let title: String
  /// The SM3 of the PDF: what is signed.
  package let pdfSM3: SM3Digest
  /// The PDF's size in bytes.
  package let byteCount: Int
  /// The PDF; empty where only the list was asked for.
  package let pdf: [UInt8]
  /// The SM3 of what stands on the paper.
  let printedSM3: SM3Digest
}

/// The SQL of `filings.document`.
struct DocumentStore {
  private let transaction: Transaction

  /// The table, in an open transaction.
  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The papers of a filing in the order of their kinds.
  ///
  /// - Parameters:
  ///   - filing: The filing.
  ///   - withPDF: Whether the PDFs are read too.
  /// - Returns: The papers.
  /// - Throws: `PostgresError`.
  func documents(of filing: RegionalID, withPDF: Bool) async throws -> [FiledDocument] {
    try await transaction.query(
      """
      SELECT d.kind::text, d.title, d.printed_sm3, d.pdf_sm3, octet_length(d.pdf),
        CASE WHEN \(withPDF) THEN d.pdf ELSE ''::bytea END
      FROM filings.document d
      WHERE d.region_code = \(filing.region.rawValue) AND d.filing_id = \(filing.uuid)
      ORDER BY d.kind
      LIMIT 20
      """
    ).map(FiledDocument.init(row:))
  }

  /// One paper with its PDF.
  func document(of filing: RegionalID, _ kind: DocumentKind) async throws -> FiledDocument? {
    try await transaction.queryOne(
      """
      SELECT d.kind::text, d.title, d.printed_sm3, d.pdf_sm3, octet_length(d.pdf), d.pdf
      FROM filings.document d
      WHERE d.region_code = \(filing.region.rawValue) AND d.filing_id = \(filing.uuid)
        AND d.kind = \(kind.rawValue)::filings.document_kind
      """
    ).map(FiledDocument.init(row:))
  }

  /// Writes a paper in place of the one of its kind.
  func replace(_ document: FiledDocument, of filing: RegionalID, at instant: Date) async throws {
    try await transaction.execute(
      """
      INSERT INTO filings.document (region_code, filing_id, kind, title, printed_sm3, pdf, pdf_sm3,
        create_time)
      VALUES (\(filing.region.rawValue), \(filing.uuid),
        \(document.kind.rawValue)::filings.document_kind, \(document.title),
        \(document.printedSM3.bytes), \(document.pdf), \(document.pdfSM3.bytes), \(instant))
      ON CONFLICT (region_code, filing_id, kind) DO UPDATE
      SET title = excluded.title,
          printed_sm3 = excluded.printed_sm3,
          pdf = excluded.pdf,
          pdf_sm3 = excluded.pdf_sm3,
          create_time = excluded.create_time
      """
    )
  }

  /// Removes the papers of other kinds, which the filing had when it was of another class.
  func removeAll(of filing: RegionalID, except kinds: [DocumentKind]) async throws {
    try await transaction.execute(
      """
      DELETE FROM filings.document
      WHERE region_code = \(filing.region.rawValue) AND filing_id = \(filing.uuid)
        AND kind <> ALL (\(kinds.map(\.rawValue))::text[]::filings.document_kind[])
      """
    )
  }
}

extension FiledDocument {
  fileprivate init(row: Row) throws {
    let (kind, title, printed, digest, size, pdf) = try row.decode(
      DocumentKind.self,
      String.self,
      [UInt8].self,
      [UInt8].self,
      Int.self,
      [UInt8].self
    )
    guard let printedSM3 = SM3Digest(bytes: printed), let pdfSM3 = SM3Digest(bytes: digest) else {
      throw StoredValueUnknown()
    }
    self.init(
      kind: kind,
      title: title,
      pdfSM3: pdfSM3,
      byteCount: size,
      pdf: pdf,
      printedSM3: printedSM3
    )
  }
}
