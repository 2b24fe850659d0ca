internal import APIConventions
internal import Accounts
internal import EventLoops
internal import Foundation
internal import Rendering
internal import ShangMi
internal import Signatures
internal import Vocabulary

/// The papers of a filing, rendered before the transaction that prepares it opens.
struct FilingPreparation: Sendable {
  /// The version that was read: papers of another version are of no use.
  let version: Int64
  /// The papers, in the order of their kinds.
  let papers: [RenderedPaper]
  /// How the organizations that sign stand, by their codes; those that nobody could be asked about are
  /// not in it.
  let standings: [UnifiedSocialCreditCode: OrganizationStanding]

  /// A paper with its PDF.
  struct RenderedPaper: Sendable {
    /// Who signs it.
    let signers: [PaperSigner]
    /// The paper as it is kept.
    let document: FiledDocument
    /// Whether it was rendered now; else its text stayed, and so its PDF and signatures stand.
    let isNew: Bool
  }

  /// What to ask the parties to sign.
  var requests: [SignatureRequest] {
    papers.flatMap { paper in
      let key = DocumentKey(
        kind: paper.document.kind,
        title: paper.document.title,
        pdfSM3: paper.document.pdfSM3
      )
      return paper.signers.map { signer in
        SignatureRequest(
          document: key,
          party: signer.party,
          roles: signer.roles,
          signatory: signer.party.organization.flatMap { standings[$0.creditCode]?.signatory }
        )
      }
    }
  }
}

extension OrganizationStanding {
  /// Who signs for the organization, if it stands and somebody is known.
  fileprivate var signatory: PersonRecord? {
    switch self {
    case .active(let signatory): signatory
    case .unknown, .inactive, .named, .branch: nil
    }
  }
}

extension FilingPaper {
  /// The paper as it is kept: the earlier one if the same stands on it, else rendered anew.
  ///
  /// - Parameters:
  ///   - filing: The filing.
  ///   - earlier: The papers of the filing's last preparation.
  ///   - renderer: Renders on the workers.
  ///   - instant: The PDF's creation date.
  /// - Returns: The paper with its PDF.
  /// - Throws: `FilingError.rendererBusy`, `RenderingError`, `CancellationError`.
  func rendered(
    of filing: Filing,
    earlier: [FiledDocument],
    by renderer: PDFRenderer,
    at instant: Date
  ) async throws -> FilingPreparation.RenderedPaper {
    let digest = printedSM3
    if let kept = earlier.first(where: { $0.kind == kind && $0.printedSM3 == digest }) {
      return .init(signers: signers, document: kept, isNew: false)
    }
    let name = "\(filing.resourceName)/documents/\(kind.rawValue)"
    let pdf: [UInt8]
    do {
      pdf = try await renderer.pdf(printed, identifier: name, createTime: instant)
    } catch is WorkerExecutor.Refusal {
      throw FilingError.rendererBusy
    }
    let document = FiledDocument(
      kind: kind,
      title: printed.title,
      pdfSM3: SM3Digest(hashing: pdf),
      byteCount: pdf.count,
      pdf: pdf,
      printedSM3: digest
    )
    return .init(signers: signers, document: document, isNew: true)
  }
}

extension Filing {
  /// Which papers, as they were rendered, no longer say what the filing says now.
  ///
  /// - Parameter earlier: The papers of the filing's last preparation.
  /// - Returns: Their kinds.
  func changedPapers(since earlier: [FiledDocument]) -> Set<DocumentKind> {
    let current = FilingPapers.papers(of: self)
    return Set(
      earlier.lazy.filter { document in
        !current.contains { $0.kind == document.kind && $0.printedSM3 == document.printedSM3 }
      }.map(\.kind)
    )
  }
}
