internal import Accounts
internal import EventLoops
internal import Foundation
internal import GRPCNghttp2Transport
internal import Glibc
internal import Vocabulary

/// Reads settings one after another and gathers what is wrong with them.
struct SettingsReader {
  private let settings: ServerSettings
  /// What is wrong so far.
  private(set) var problems: [String] = []

  init(_ settings: ServerSettings) {
    self.settings = settings
  }

  private mutating func refuse(_ name: ServerSettings.Name, _ problem: String) {
    problems.append("--\(name.rawValue): \(problem)")
  }

  mutating func folder(isRoot: Bool, home: String) -> DataFolder {
    let text =
      settings[.data]
      ?? (isRoot ? "/var/lib/liaoning-registry" : "\(home)/.local/state/liaoning-registry")
    let folder = DataFolder(path: text)
    if text.isEmpty {
      refuse(.data, "give the path of a folder")
    } else if FileManager.default.fileExists(atPath: folder.path), !folder.isFolder {
      refuse(.data, "\(folder.path) is not a folder")
    }
    return folder
  }

  mutating func database() -> ServerConfiguration.DatabasePlace {
    guard let text = settings[.database] else { return .own }
    if !text.contains("="), !text.hasPrefix("postgresql://"), !text.hasPrefix("postgres://") {
      // The text may be a password that slipped: it is not repeated.
      refuse(.database, "give libpq's key=value pairs or a postgresql:// URL")
    }
    return .given(connectionString: text)
  }

  mutating func address(
    _ name: ServerSettings.Name,
    otherwise standard: (host: String, port: Int)
  ) -> SocketAddress? {
    let parts = settings[name].map(Self.parts) ?? standard
    if let parts, let address = SocketAddress(host: parts.host, port: parts.port) {
      return address
    }
    refuse(name, "give a numeric address and a port from 0 to 65535, for instance 127.0.0.1:7443")
    return nil
  }

  mutating func hostAndPort(
    _ name: ServerSettings.Name
  ) -> ServerConfiguration.HostAndPort? {
    guard let text = settings[name] else { return nil }
    if let parts = Self.parts(text), (1...65_535).contains(parts.port) {
      return .init(host: parts.host, port: parts.port)
    }
    refuse(name, "give a host and a port from 1 to 65535, for instance 127.0.0.1:7445")
    return nil
  }

  /// `HOST:PORT`, an IPv6 address in brackets.
  private static func parts(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[colon...].dropFirst()),
      text[colon...].dropFirst().allSatisfy(\.isNumber)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    return host.isEmpty ? nil : (String(host), port)
  }

  mutating func credentials() -> ServerConfiguration.Credentials {
    let names: [ServerSettings.Name] = [.certificate, .key, .roots, .signingKey]
    let given = names.compactMap { settings[$0] }
    if given.isEmpty {
      if settings[.revocationLists] != nil {
        refuse(.revocationLists, "goes with --roots; the development CA keeps its own list")
      }
      return .development
    }
    for name in names {
      guard let path = settings[name] else {
        refuse(name, "give certificate, key, roots and signing-key together, or none of them")
        continue
      }
      if access(path, R_OK) != 0 { refuse(name, "\(path) cannot be read") }
    }
    if let path = settings[.revocationLists], access(path, R_OK) != 0 {
      refuse(.revocationLists, "\(path) cannot be read")
    }
    return .files(
      TLSFiles(
        certificate: settings[.certificate] ?? "",
        key: settings[.key] ?? "",
        roots: settings[.roots] ?? "",
        revocationLists: settings[.revocationLists]
      ),
      signingKey: settings[.signingKey] ?? ""
    )
  }

  mutating func identityVerification(
    hasGateways: Bool,
    isDevelopment: Bool
  ) -> IdentityVerificationMode {
    guard let text = settings[.identityVerification] else {
      if hasGateways || isDevelopment { return hasGateways ? .enforced : .off }
      refuse(.identityVerification, "is enforced and needs --gateways; or say off or shadow")
      return .enforced
    }
    guard let mode = IdentityVerificationMode(rawValue: text) else {
      refuse(.identityVerification, "is off, shadow or enforced")
      return .enforced
    }
    if mode == .enforced, !hasGateways {
      refuse(.identityVerification, "enforced needs --gateways")
    }
    return mode
  }

  mutating func law() -> LawProfile {
    guard let text = settings[.law] else { return .current }
    if let law = LawProfile.allCases.first(where: { $0.flag == text }) { return law }
    refuse(.law, "is current or 2017")
    return .current
  }

  mutating func clock(isDevelopment: Bool) -> Date? {
    guard let text = settings[.clock] else { return nil }
    if !isDevelopment { refuse(.clock, "is for the development CA only") }
    // Authorities are known from 2017 on; certificates of the development CA end in 10 years.
    if let instant = try? Date(text, strategy: .iso8601), instant >= Self.earliest,
      instant < Self.latest
    {
      return instant
    }
    refuse(.clock, "give an instant of 2017 to 2099, for instance 2017-06-01T09:00:00+08:00")
    return nil
  }

  /// 2017-01-01 and 2100-01-01 in Shenyang.
  private static let earliest = Date(timeIntervalSince1970: 1_483_200_000)
  private static let latest = Date(timeIntervalSince1970: 4_102_416_000)

  mutating func loops() -> Int {
    guard let text = settings[.loops] else { return min(EventLoopGroup.processorCount, 64) }
    if let count = Int(text), (1...64).contains(count) { return count }
    refuse(.loops, "is a number from 1 to 64")
    return 1
  }

  mutating func check(_ outer: SocketAddress?, apartFrom inner: SocketAddress?) {
    guard let outer, let inner else { return }
    if outer.port != 0, outer.port == inner.port, outer.host == inner.host {
      refuse(.inner, "is the same as --outer")
    }
  }

  /// PostgreSQL refuses root and runs as user postgres, who must reach the cluster's files.
  mutating func checkCluster(in folder: DataFolder, isRoot: Bool) {
    guard isRoot else { return }
    var path = URL(fileURLWithPath: folder.path)
    while path.path != "/" {
      var status = stat()
      if stat(path.path, &status) == 0, status.st_mode & 0o001 == 0 {
        refuse(.data, "user postgres cannot pass \(path.path): choose another, or give --database")
        return
      }
      path.deleteLastPathComponent()
    }
  }
}
