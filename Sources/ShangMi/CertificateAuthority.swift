internal import CLibCrypto
package import FoundationEssentials

/// A certificate that may issue others, with its private key.
package struct CertificateAuthority: Sendable {
  /// The authority's certificate.
  package let certificate: Certificate
  private let key: SigningKey

  /// Founds a root: a new key, and a certificate that it signs itself.
  ///
  /// - Parameters:
  ///   - commonName: The root's name, 1 to 64 characters.
  ///   - keyKind: P-256 for TLS, SM2 for documents.
  ///   - notBefore: The first instant of validity.
  ///   - notAfter: The last, later than `notBefore`.
  /// - Throws: `malformed`, `libcrypto`.
  package init(
    commonName: String,
    keyKind: KeyKind,
    notBefore: Date,
    notAfter: Date
  ) throws(ShangMiError) {
    let key = SigningKey(generating: keyKind)
    var draft = CertificateDraft(
      commonName: commonName,
      publicKey: key.publicKey,
      notBefore: notBefore,
      notAfter: notAfter
    )
    draft.isAuthority = true
    self.key = key
    certificate = try draft.signed(by: key, issuer: nil)
  }

  /// Takes an authority's certificate and key from PEM.
  ///
  /// - Parameters:
  ///   - pem: The certificate.
  ///   - keyPEM: The private key.
  ///   - passphrase: What opens the key, if it is encrypted.
  /// - Throws: `notAnAuthority`, `keyDoesNotMatchCertificate`, and what reading either throws.
  package init(pem: String, keyPEM: String, passphrase: String? = nil) throws(ShangMiError) {
    try self.init(
      certificate: Certificate(pem: pem),
      key: SigningKey(pem: keyPEM, passphrase: passphrase)
    )
  }

  /// Takes an authority's certificate and key.
  ///
  /// - Parameters:
  ///   - certificate: The certificate.
  ///   - key: Its private key.
  /// - Throws: `notAnAuthority`, `keyDoesNotMatchCertificate`.
  package init(certificate: Certificate, key: SigningKey) throws(ShangMiError) {
    guard certificate.isAuthority else { throw .notAnAuthority }
    guard certificate.publicKey == key.publicKey else { throw .keyDoesNotMatchCertificate }
    self.certificate = certificate
    self.key = key
  }

  /// The authority's private key as PKCS#8 in PEM, for a file that `KeyFile` guards.
  ///
  /// - Returns: The text.
  /// - Throws: `libcrypto`.
  package func keyPEM() throws(ShangMiError) -> String {
    try key.pem()
  }

  /// The authority's private key.
  package var signingKey: SigningKey { key }

  /// Issues a certificate to a key.
  ///
  /// The subject may sign (digitalSignature); it may not issue others.
  ///
  /// - Parameters:
  ///   - commonName: The subject, 1 to 64 characters.
  ///   - organization: The subject's organization, if any, 1 to 64 characters.
  ///   - publicKey: The key to certify.
  ///   - dnsNames: Host names, visible ASCII.
  ///   - ipAddresses: IPv4 or IPv6 addresses in text.
  ///   - uris: URIs, visible ASCII.
  ///   - serverAuth: Whether it may identify a TLS server.
  ///   - clientAuth: Whether it may identify a TLS client. With neither, no extended key usage is
  ///     named: a certificate for documents.
  ///   - notBefore: The first instant of validity.
  ///   - notAfter: The last, later than `notBefore`.
  /// - Returns: The certificate.
  /// - Throws: `malformed`, `libcrypto`.
  package func issue(
    commonName: String,
    organization: String? = nil,
    publicKey: VerifyingKey,
    dnsNames: [String] = [],
    ipAddresses: [String] = [],
    uris: [String] = [],
    serverAuth: Bool = false,
    clientAuth: Bool = false,
    notBefore: Date,
    notAfter: Date
  ) throws(ShangMiError) -> Certificate {
    var draft = CertificateDraft(
      commonName: commonName,
      publicKey: publicKey,
      notBefore: notBefore,
      notAfter: notAfter
    )
    draft.organization = organization
    draft.alternativeNames.dnsNames = dnsNames
    draft.alternativeNames.ipAddresses = ipAddresses
    draft.alternativeNames.uris = uris
    draft.serverAuth = serverAuth
    draft.clientAuth = clientAuth
    return try draft.signed(by: key, issuer: certificate)
  }

  /// Issues a certificate to whoever made a request; its key and common name are the request's.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - dnsNames: Host names, visible ASCII.
  ///   - ipAddresses: IPv4 or IPv6 addresses in text.
  ///   - uris: URIs, visible ASCII.
  ///   - serverAuth: Whether it may identify a TLS server.
  ///   - clientAuth: Whether it may identify a TLS client.
  ///   - notBefore: The first instant of validity.
  ///   - notAfter: The last, later than `notBefore`.
  /// - Returns: The certificate.
  /// - Throws: `malformed` where the request names nobody, `libcrypto`.
  package func issue(
    _ request: CertificateSigningRequest,
    dnsNames: [String] = [],
    ipAddresses: [String] = [],
    uris: [String] = [],
    serverAuth: Bool = false,
    clientAuth: Bool = false,
    notBefore: Date,
    notAfter: Date
  ) throws(ShangMiError) -> Certificate {
    guard let commonName = request.commonName else {
      throw .malformed(what: "certificate request", reason: "it has no common name")
    }
    return try issue(
      commonName: commonName,
      publicKey: request.publicKey,
      dnsNames: dnsNames,
      ipAddresses: ipAddresses,
      uris: uris,
      serverAuth: serverAuth,
      clientAuth: clientAuth,
      notBefore: notBefore,
      notAfter: notAfter
    )
  }

  /// Founds an authority below this one, with a new key; it may issue to subjects only.
  ///
  /// - Parameters:
  ///   - commonName: Its name, 1 to 64 characters.
  ///   - keyKind: The curve of its key.
  ///   - notBefore: The first instant of validity.
  ///   - notAfter: The last, later than `notBefore`.
  /// - Returns: The authority.
  /// - Throws: `malformed`, `libcrypto`.
  package func subordinate(
    commonName: String,
    keyKind: KeyKind,
    notBefore: Date,
    notAfter: Date
  ) throws(ShangMiError) -> CertificateAuthority {
    let subordinateKey = SigningKey(generating: keyKind)
    var draft = CertificateDraft(
      commonName: commonName,
      publicKey: subordinateKey.publicKey,
      notBefore: notBefore,
      notAfter: notAfter
    )
    draft.isAuthority = true
    return try CertificateAuthority(
      certificate: draft.signed(by: key, issuer: certificate),
      key: subordinateKey
    )
  }
}
