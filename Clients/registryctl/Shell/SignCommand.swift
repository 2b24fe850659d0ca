internal import ArgumentParser
internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// `registryctl sign`: reads a signature task and its document, shows what is signed, and signs.
struct SignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Opens a signature task, checks its document and signs it.",
    discussion: """
      The document is read and its SM3 digest compared with the task's before anything is signed; \
      what is signed goes to standard error. Handwriting is a file with a JSON list of strokes, \
      [{"points":[{"x":0,"y":0,"offset_ms":0,"pressure":500}]}]: --strokes, else strokes.json in \
      the home, else one plain mark.
      """
  )
  @Argument(help: "Format: signatureTasks/{signature_task}.") var task: String
  @Option(help: "Format: accounts/{account}; the context's if not given.") var account: String?
  @Option(help: .init("JSON list of the pen's strokes.", valueName: "path")) var strokes: String?
  @Option(help: .init("The file to write the document's PDF to.", valueName: "path"))
  var document: String?
  @Option(help: "What it is written on, at most 200 characters.") var device = "registryctl"
  @Flag(help: "Signs without being asked.") var yes = false
  @OptionGroup var signer: SignerFlags

  mutating func run() async throws {
    let (settings, key) = try signer.resolved()
    let account = try settings.account(account)
    let strokes = try Strokes.of(strokes, in: settings.home)
    let (name, device, isAgreed, file) = (task, device, yes, document)
    let signed = try await settings.withClient { client in
      let task = try await client.signatures.openSignatureTask(.with { $0.name = name })
      let document = try await client.filings.getDocument(.with { $0.name = task.document })
      guard document.isTrue, document.pdfSm3 == task.documentSm3 else {
        throw ShellError.untrue("The document does not have the digest that the task names.")
      }
      if let file {
        let sink = try FileSink(file)
        try sink.write(document.pdf)
        try sink.finish()
      }
      try Self.show(task, document)
      try Confirmation.ask("Sign it as \(account)?", isGiven: isAgreed)
      let request = try Liaoning_Registry_V1_SignDocumentRequest.signed(
        task,
        signer: account,
        key: key,
        strokes: strokes,
        device: device
      )
      return try await Pending.keeping(request, in: settings.home) {
        try await client.signatures.signDocument(request)
      }
    }
    try Show(json: signer.json).message(signed)
  }

  /// Says what is signed.
  private static func show(
    _ task: Liaoning_Registry_V1_SignatureTask,
    _ document: Liaoning_Registry_V1_Document
  ) throws {
    var text = PeopleText(try Schema(), width: nil)
    Show.remark("To be signed, \(document.pdf.count) bytes of PDF:")
    for line in text.lines(try task.json(), Liaoning_Registry_V1_SignatureTask.protoMessageName) {
      Show.remark("  " + line)
    }
  }
}

/// The handwriting that goes with a signature.
enum Strokes {
  /// The strokes of a file.
  ///
  /// - Parameters:
  ///   - file: The file given; nil for the home's.
  ///   - home: Where `strokes.json` may lie.
  /// - Returns: The strokes; one plain mark where there is no file.
  /// - Throws: `fileUnreadable`, `usage`.
  static func of(_ file: String?, in home: Home) throws -> [Liaoning_Registry_V1_Stroke] {
    let path: String
    if let file {
      path = file
    } else if FileManager.default.fileExists(atPath: home.strokesFile) {
      path = home.strokesFile
    } else {
      return [mark]
    }
    do {
      return try Input.messages("@" + path, Liaoning_Registry_V1_Stroke.self).map {
        try Liaoning_Registry_V1_Stroke(jsonString: $0.encoded)
      }
    } catch let flaw as FlagFlaw {
      throw ShellError.usage("\(path): \(flaw.reason)")
    }
  }

  /// One level stroke of half a second.
  private static let mark = Liaoning_Registry_V1_Stroke.with { stroke in
    stroke.points = (0...10).map { step in
      .with {
        $0.x = Int32(100 + 40 * step)
        $0.y = 200
        $0.offsetMs = Int32(50 * step)
        $0.pressure = 500
      }
    }
  }
}
