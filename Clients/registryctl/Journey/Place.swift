internal import Foundation
internal import RegistryClient

/// Where the registry of a journey is: its two listeners, and the certificates of staff and partners
/// in its data folder.
struct Place: Sendable, Equatable {
  /// `registryd`'s data folder.
  let data: String
  /// Where applicants and partners connect, `HOST:PORT`.
  let outer: String
  /// Where staff connect, `HOST:PORT`.
  let inner: String

  /// The place that the flags and the data folder tell.
  ///
  /// - Parameters:
  ///   - data: The data folder of a running `registryd`.
  ///   - outer: Overrides what the folder says.
  ///   - inner: Overrides what the folder says.
  /// - Throws: `JourneyError.place`.
  init(data: String, outer: String?, inner: String?) throws(JourneyError) {
    self.data = data
    if let outer, let inner {
      self.outer = outer
      self.inner = inner
      return
    }
    let file = data + "/endpoints.json"
    guard let contents = FileManager.default.contents(atPath: file),
      let json = try? JSONReader.value(of: String(decoding: contents, as: UTF8.self)),
      case .text(let ownOuter)? = json["outer"], case .text(let ownInner)? = json["inner"]
    else {
      throw .place(
        "No registry runs on \(data): there is no \(file). Start registryd, or give --data."
      )
    }
    self.outer = outer ?? ownOuter
    self.inner = inner ?? ownInner
  }

  /// Where an applicant calls.
  func applicants() throws -> RegistryEndpoint { try endpoint(outer, nil) }

  /// Where a registrar calls, with the own certificate.
  func staff(_ number: String) throws -> RegistryEndpoint { try endpoint(inner, "staff-\(number)") }

  /// Where a partner calls, with its certificate.
  func partner(_ id: String) throws -> RegistryEndpoint { try endpoint(outer, "partner-\(id)") }

  private func endpoint(_ address: String, _ certificate: String?) throws -> RegistryEndpoint {
    let (host, port) = try Settings.hostAndPort(address)
    return try RegistryEndpoint(
      host: host,
      port: port,
      trustRootsFile: data + "/ca/ca.pem",
      certificateFile: certificate.map { data + "/tls/\($0).pem" },
      keyFile: certificate.map { data + "/tls/\($0).key" }
    )
  }
}
