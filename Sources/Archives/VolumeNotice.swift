internal import EventLoops
internal import Rendering
internal import Reviews
internal import Vocabulary

/// A notice of the authority (文书) as it lies in a volume: a PDF.
struct VolumeNotice: Hashable, Sendable {
  /// The notices that the volume of an establishment holds.
  ///
  /// Source: `domain.md` 7.4.
  enum Kind: CaseIterable, Sendable {
    /// Of acceptance (受理通知书).
    case acceptance
    /// Of registration (准予登记通知书).
    case registration

    /// Where it lies in a package.
    var path: String {
      switch self {
      case .acceptance: "03-review/acceptance-notice.pdf"
      case .registration: "04-result/registration-notice.pdf"
      }
    }
  }

  /// Which notice.
  let kind: Kind
  /// Its title with its number.
  let title: String
  /// The PDF.
  let pdf: [UInt8]
}

extension VolumeSource {
  /// The notices that were given, as papers: of the moment of their step, so that the same bytes are
  /// made whenever they are made.
  ///
  /// - Parameters:
  ///   - law: The law in force.
  ///   - renderer: Renders on the workers.
  /// - Returns: The notices; the check of the volume finds those that are missing.
  /// - Throws: `ArchiveError.busy`, `RenderingError`, `CancellationError`.
  func notices(under law: LawProfile, by renderer: PDFRenderer) async throws -> [VolumeNotice] {
    guard let review else { return [] }
    let notices = ReviewNotices(of: filing, review: review, applicant: applicant, law: law)
    let given: [(VolumeNotice.Kind, ReviewNotice?)] = [
      (.acceptance, notices.acceptance(by: acceptingAuthority)),
      (.registration, notices.registration(by: authority)),
    ]
    var rendered: [VolumeNotice] = []
    for case (let kind, let notice?) in given {
      do {
        let pdf = try await renderer.pdf(
          notice.printed,
          identifier: notice.number,
          createTime: notice.issueTime
        )
        let title = notice.printed.title + notice.number
        rendered.append(VolumeNotice(kind: kind, title: title, pdf: pdf))
      } catch is WorkerExecutor.Refusal {
        throw ArchiveError.busy
      }
    }
    return rendered
  }
}
