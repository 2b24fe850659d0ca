internal import Foundation
internal import GRPCNghttp2Transport
internal import Glibc

/// P-256 certificates minted by the openssl command for one run of the tests: an authority, a
/// server (`localhost`, 127.0.0.1, ::1), a client, a revoked client, a client below an authority
/// between (`deep`), and a self-signed stranger.
enum TestCertificates {
  private static let folder: Result<URL, any Error> = Result { try mint() }

  /// The bytes of one of `ca.crt`, `server.crt`, `server.key`, `client.…`, `revoked.…`,
  /// `deep.…`, `stranger.…`; lists: `ca.crl` revokes `revoked`, `empty.crl` nobody, `all.crl` the
  /// clients and the authority between too, `between.crl` nobody of its own; `expired.crl`;
  /// `impostor.crl` is signed by another authority of the same name; `ca.crl.der`.
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
    revocations lists: String...
  ) throws -> ServerTLSOptions {
    ServerTLSOptions(
      identity: try identity("server"),
      clientCertificates: mode,
      clientTrustRoots: try pem("ca.crt"),
      clientRevocationLists: try lists.flatMap { try pem($0) }
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

  private static let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc"

  /// What the steps are written in.
  private static let words = """
    set -e
    sign() {
      openssl req -x509 \(key) -days 2 -keyout $1.key -out $1.crt -subj "$2" $3
    }
    request() {
      openssl req -utf8 \(key) -keyout $1.key -out $1.csr -subj "$2"
    }
    issue() {
      openssl x509 -req -in $2.csr -CA $1.crt -CAkey $1.key -set_serial $3 -days 2 \
        -out $2.crt -extfile $2.ext
    }
    mint() {
      request $2 "$3"
      printf 'subjectAltName=%s\\nextendedKeyUsage=%s\\n' "$4" "$5" > $2.ext
      issue $1 $2 $6
    }
    lists() {
      printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=%s.txt\\ncrlnumber=%s.number\\n' $1 $1
      echo default_md=sha256
    }
    revoking() {
      authority=$1
      shift
      openssl ca -config $authority.cnf -cert $authority.crt -keyfile $authority.key "$@"
    }

    """

  private static let steps = """
    sign ca '/CN=Test CA' '-addext keyUsage=critical,keyCertSign,cRLSign'
    sign impostor '/CN=Test CA' '-addext keyUsage=critical,keyCertSign,cRLSign'
    sign stranger /CN=stranger
    mint ca server /CN=localhost DNS:localhost,IP:127.0.0.1,IP:::1 serverAuth 16
    mint ca client '/O=沈阳/CN=伙伴一' URI:spiffe://partner/1,IP:127.0.0.1,DNS:one.example \
      clientAuth 258
    mint ca revoked /CN=revoked URI:spiffe://partner/2 clientAuth 259
    request between /CN=between
    printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign,cRLSign\\n' > between.ext
    issue ca between 260
    mint between deep /CN=deep URI:spiffe://partner/3 clientAuth 261
    cat between.crt >> deep.crt
    for authority in ca impostor between; do
      lists $authority > $authority.cnf
      : > $authority.txt
      echo 01 > $authority.number
    done
    revoking impostor -gencrl -crldays 2 -out impostor.crl
    revoking between -gencrl -crldays 2 -out between.crl
    revoking ca -gencrl -crldays 2 -out empty.crl
    revoking ca -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z \
      -out expired.crl
    revoking ca -revoke revoked.crt
    revoking ca -gencrl -crldays 2 -out ca.crl
    openssl crl -in ca.crl -outform DER -out ca.crl.der
    revoking ca -revoke client.crt
    revoking ca -revoke between.crt
    revoking ca -gencrl -crldays 2 -out all.crl
    """

  private static func mint() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("transport-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let outcome = try Shell.run(words + steps, in: folder)
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
