internal import Foundation
internal import GRPCNghttp2Transport
internal import ShangMi

/// An authority and a server's certificate for 127.0.0.1, made once a run.
enum FuzzIdentity {
  private static let made = Result {
    let (start, end) = (Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 4e9))
    let authority = try CertificateAuthority(
      commonName: "Fuzz CA",
      keyKind: .p256,
      notBefore: start,
      notAfter: end
    )
    let key = SigningKey(generating: .p256)
    let certificate = try authority.issue(
      commonName: "localhost",
      publicKey: key.publicKey,
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
      serverAuth: true,
      notBefore: start,
      notAfter: end
    )
    return (
      server: TLSIdentity(
        certificateChain: Array(certificate.pem.utf8),
        privateKey: Array(try key.pem().utf8)
      ),
      roots: Array(authority.certificate.pem.utf8)
    )
  }

  static func server() throws -> ServerTLSOptions {
    ServerTLSOptions(identity: try made.get().server)
  }

  static func client() throws -> ClientTLSOptions {
    ClientTLSOptions(trustRoots: .pem(try made.get().roots), serverName: "localhost")
  }
}
