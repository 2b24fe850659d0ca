internal import Foundation
internal import GRPCNghttp2Transport
internal import Glibc

/// P-256 certificates minted by the openssl command for one run of the tests: an authority, a
/// server (`localhost`, 127.0.0.1, ::1), a client, a revoked client, and a self-signed stranger.
enum TestCertificates {
  private static let folder: Result<URL, any Error> = Result { try mint() }

  /// The bytes of one of `ca.crt`, `server.crt`, `server.key`, `client.…`, `revoked.…`,
  /// `stranger.…`, `ca.crl`.
  static func pem(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.get().appendingPathComponent(name)))
  }

  /// Runs a script among the files.
  static func run(_ script: String) throws -> (status: Int32, words: String) {
    try Shell.run(script, in: folder.get())
  }

  static func identity(_ name: String) throws -> TLSIdentity {
    TLSIdentity(certificateChain: try pem("\(name).crt"), privateKey: try pem("\(name).key"))
  }

  static func server(
    _ mode: ServerTLSOptions.ClientCertificates = .none,
    revocations: Bool = false
  ) throws -> ServerTLSOptions {
    ServerTLSOptions(
      identity: try identity("server"),
      clientCertificates: mode,
      clientTrustRoots: try pem("ca.crt"),
      clientRevocationLists: revocations ? try pem("ca.crl") : []
    )
  }

  static func client(
    _ name: String? = nil,
    serverName: String = "localhost"
  ) throws -> ClientTLSOptions {
    ClientTLSOptions(
      trustRoots: .pem(try pem("ca.crt")),
      identity: try name.map { try identity($0) },
      serverName: serverName
    )
  }

  private static func mint() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("transport-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc"
    let script = """
      set -e
      sign() {
        openssl req -x509 \(key) -days 2 -keyout $1.key -out $1.crt -subj "$2" $3
      }
      mint() {
        openssl req -utf8 \(key) -keyout $1.key -out $1.csr -subj "$2"
        printf 'subjectAltName=%s\\nextendedKeyUsage=%s\\n' "$3" "$4" > $1.ext
        openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -set_serial $5 -days 2 \
          -out $1.crt -extfile $1.ext
      }
      sign ca '/CN=Test CA' '-addext keyUsage=critical,keyCertSign,cRLSign'
      sign stranger /CN=stranger
      mint server /CN=localhost DNS:localhost,IP:127.0.0.1,IP:::1 serverAuth 16
      mint client '/O=沈阳/CN=伙伴一' URI:spiffe://partner/1,IP:127.0.0.1,DNS:one.example clientAuth 258
      mint revoked /CN=revoked URI:spiffe://partner/2 clientAuth 259
      printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\ncrlnumber=number\\n' > ca.cnf
      echo default_md=sha256 >> ca.cnf
      : > index.txt
      echo 01 > number
      revoke() {
        openssl ca -config ca.cnf -cert ca.crt -keyfile ca.key "$@"
      }
      revoke -revoke revoked.crt
      revoke -gencrl -crldays 2 -out ca.crl
      """
    let outcome = try Shell.run(script, in: folder)
    guard outcome.status == 0 else { throw MintingFailed(words: outcome.words) }
    return folder
  }

  struct MintingFailed: Error {
    let words: String
  }
}

/// The system's shell, for the openssl command.
enum Shell {
  /// Runs a script and waits for it; keep it off the tasks' threads.
  ///
  /// - Throws: If a file can't be written or read.
  /// - Returns: The exit status, 0 for success, and what the script printed.
  static func run(_ script: String, in folder: URL) throws -> (status: Int32, words: String) {
    let name = UUID().uuidString
    let file = folder.appendingPathComponent(name)
    let output = folder.appendingPathComponent("\(name).out")
    try Data(script.utf8).write(to: file)
    let status = system(
      "cd '\(folder.path)' && sh '\(file.path)' > '\(output.path)' 2>&1 < /dev/null"
    )
    return (status, String(decoding: try Data(contentsOf: output), as: UTF8.self))
  }
}
