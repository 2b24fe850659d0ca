internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// The keys and accounts of those who take part, kept for their owner only, so that a second run logs
/// in again instead of registering anew.
///
/// A folder with three files a holder, by identity number or credit code: `.key` (PEM, mode 0600),
/// `.account` (its name), and while a registration is under way `.request`.
struct KeyRing: Sendable {
  private let folder: String

  init(folder: String) {
    self.folder = folder
  }

  /// The holder's key, made now if there is none.
  func key(of code: String) throws -> AccountKey {
    let path = file(code, "key")
    if FileManager.default.fileExists(atPath: path) { return try AccountKey(file: path) }
    try PrivateFile.makeFolder(ofFile: path)
    let key = AccountKey()
    try key.write(to: path)
    return key
  }

  /// The holder's account; nil if it has none yet.
  func account(of code: String) throws -> String? {
    try PrivateFile.read(file(code, "account")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Keeps the holder's account, whose registration is then over.
  func keep(account: String, of code: String) throws {
    try PrivateFile.write(Array(account.utf8), to: file(code, "account"))
    try? FileManager.default.removeItem(atPath: file(code, "request"))
  }

  /// The request to register a holder: the one that an interrupted run sent, or a new one, which is kept
  /// before it is sent, so that its repetition gets the first reply.
  func registration(
    of code: String,
    _ new: () throws -> Liaoning_Registry_V1_CreateAccountRequest
  ) throws -> Liaoning_Registry_V1_CreateAccountRequest {
    let path = file(code, "request")
    if let data = try PrivateFile.read(path) {
      return try Liaoning_Registry_V1_CreateAccountRequest(serializedBytes: data)
    }
    let request = try new()
    try PrivateFile.write(request.serializedBytes(), to: path)
    return request
  }

  /// Forgets a registration that the server refused.
  func abandonRegistration(of code: String) {
    try? FileManager.default.removeItem(atPath: file(code, "request"))
  }

  private func file(_ code: String, _ ending: String) -> String {
    // Codes are letters and digits; whatever else a scenario holds must not lead elsewhere.
    folder + "/" + code.filter { $0.isASCII && ($0.isLetter || $0.isNumber) } + "." + ending
  }
}
