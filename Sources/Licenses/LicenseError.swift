package import APIConventions
package import GRPCCore
package import Vocabulary

/// Every expected failure of this room.
package enum LicenseError: RegistryError, Equatable {
  /// Why the registry could not sign.
  package enum SigningFault: String, Sendable {
    /// The registry's key is not SM2.
    case keyNotSM2 = "KEY_NOT_SM2"
    /// No signature could be made.
    case noSignature = "NO_SIGNATURE"
    /// The signature made does not verify.
    case unverifiable = "UNVERIFIABLE"
    /// What was signed does not read back as it was.
    case unreadable = "UNREADABLE"
  }

  /// A field of the request is missing or malformed.
  case requestInvalid([Violation])
  /// There is no such licence, or the caller may not see it; its name or code as asked for.
  case notFound(String)
  /// The partner's grant does not name this purpose.
  case purposeNotGranted(String)
  /// The licence was superseded or changed between reading and writing.
  case stale(String)
  /// A repeat can no longer be given the bytes of the first reply.
  case renditionChanged(String)
  /// As much rendering waits as may.
  case rendererBusy
  /// What would be issued is no lawful licence.
  case faceFaulty([Violation])
  /// The entity has a licence that stands.
  case exists(UnifiedSocialCreditCode)
  /// The licence could not be signed.
  case signingFailed(SigningFault)

  /// The status by case.
  package var code: RPCError.Code {
    switch self {
    case .requestInvalid: .invalidArgument
    case .notFound: .notFound
    case .purposeNotGranted: .permissionDenied
    case .stale, .renditionChanged: .aborted
    case .rendererBusy: .unavailable
    case .faceFaulty: .failedPrecondition
    case .exists: .alreadyExists
    case .signingFailed: .internalError
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .requestInvalid: "LICENSE_REQUEST_INVALID"
    case .notFound: "LICENSE_NOT_FOUND"
    case .purposeNotGranted: "LICENSE_PURPOSE_NOT_GRANTED"
    case .stale: "LICENSE_STALE"
    case .renditionChanged: "LICENSE_RENDITION_CHANGED"
    case .rendererBusy: "RENDERER_BUSY"
    case .faceFaulty: "LICENSE_FACE_FAULTY"
    case .exists: "LICENSE_EXISTS"
    case .signingFailed: "LICENSE_SIGNING_FAILED"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .requestInvalid: "A field is missing or malformed; the violations say which."
    case .notFound: "There is no such licence for this caller."
    case .purposeNotGranted: "The partner's grant does not name this purpose."
    case .stale: "The licence changed since it was read. Repeat the call."
    case .renditionChanged:
      "What was downloaded first can no longer be made again. Download with a new request_id."
    case .rendererBusy: "Too many documents are being rendered. Repeat later."
    case .faceFaulty: "The licence lacks what must stand on it; the violations say what."
    case .exists: "The entity has a licence that stands."
    case .signingFailed: "The registry could not sign the licence."
    }
  }

  /// The licence, the purpose or the fault.
  package var metadata: [String: String] {
    switch self {
    case .requestInvalid, .notFound, .rendererBusy, .faceFaulty: [:]
    case .purposeNotGranted(let purpose): ["purpose": purpose]
    case .stale(let name), .renditionChanged(let name): ["license": name]
    case .exists(let code): ["license": License.name(of: code)]
    case .signingFailed(let fault): ["fault": fault.rawValue]
    }
  }

  /// Where the request or the face is wrong.
  package var violations: [Violation] {
    switch self {
    case .requestInvalid(let violations), .faceFaulty(let violations): violations
    case .notFound, .purposeNotGranted, .stale, .renditionChanged, .rendererBusy, .exists,
      .signingFailed:
      []
    }
  }

  /// Rendering is soon done.
  package var retryDelay: Duration? {
    switch self {
    case .rendererBusy: .seconds(2)
    case .requestInvalid, .notFound, .purposeNotGranted, .stale, .renditionChanged, .faceFaulty,
      .exists, .signingFailed:
      nil
    }
  }
}
