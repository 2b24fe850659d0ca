/// What other implementations made of the published example key of GB/T 32918.5-2017, Annex A.
///
/// Keys, certificates and requests are by the `openssl` command line 3.0.22, always with
/// `-sigopt distid:1234567812345678`; the signed messages are by a separate encoder in Python over
/// signatures of the `gmalg` 1.1.2 package. Validity runs from November 2026 to January 2046.
enum Fixtures {
  /// The example's private key as PKCS#8: published, so no secret.
  static let exampleKeyPEM = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgOUUgj3shRLE/NuOK
    xtOflYiTk2koYLUaQvuB7033xbihRANCAAQJ+d8xHlQhoVDdfRYeS8XGchefrRgz
    /AdrsI/zVvNQIMzqSQziZ3WlLcbqcYzBqmAK7QX7814ISmYy9gctqa0T
    -----END PRIVATE KEY-----
    """

  /// The same under SM4-CBC with the passphrase `corrient-bateau`.
  static let encryptedKeyPEM = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIHrMFYGCSqGSIb3DQEFDTBJMCkGCSqGSIb3DQEFDDAcBAjs9/yfNlNUnAICCAAw
    DAYIKoZIhvcNAgkFADAcBggqgRzPVQFoAgQQdE3rHTkDZ6I/uuXs0Auc1gSBkCgI
    raIwlRRMV1Oe00XWZud5nP2Y4ZBpkuU3Z6cDK5coDKmPZKVkiLfnBX9wuqzWnRx3
    PNI5oQE52Y3TYuMjBObP+iTZMTNWcyqCl1SEmoriGEq+zMMpQxczhHvWqYWNz2oY
    fj2Pjplzpu9hJdwwmswtzpoZb57D9Cyzo7rqS3EaZdtGDLM8njenau6XRbw7WQ==
    -----END ENCRYPTED PRIVATE KEY-----
    """

  /// The example's public key.
  static let examplePublicKeyPEM = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60Y
    M/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==
    -----END PUBLIC KEY-----
    """

  /// A P-256 public key.
  static let p256PublicKeyPEM = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEo4Hdgx8gzys+EEbHQaBz4I0hAXYB
    XN+FC+vOjhMFPA2hV2cip924u5t9QZKMmPWpJI94GRt9GIdsiCmdki16JA==
    -----END PUBLIC KEY-----
    """

  /// An RSA public key, which this house does not take.
  static let rsaPublicKeyPEM = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4SOQVXZGslfgMtw42sm3
    r8C7kZMZnWVakRiJRzT+vkSzFj1qzCcaBJ3GJ8Ep7AF7CmyghXB8yWMWri+v6G8+
    0ZJKmBi+0wDPdbODiee3S9ZVnoJ4gl172ljWqV6Pnd9LGMsAKRG8Vh1CBK55UdnO
    eOCvxp9RQRo5J+zWn+P1Tw4lk7odVC5fPI2LeS+YhMsH+0FNrn1zZ4AhxMTrxB0S
    jOeLXeI3+17tBYNsNXEOCF+Ehra+MG0OmbGFnSSqLwiO0RZUTbi0t9U7i+nPW26U
    4Vz8rtUYwtVtjRUmqggC0Wi8K/ksBd0Mh/RzBf/lMy7SZ0E7NRZx8dC2lIg+SUvf
    AQIDAQAB
    -----END PUBLIC KEY-----
    """

  /// A root, self-signed.
  static let rootPEM = """
    -----BEGIN CERTIFICATE-----
    MIIB0TCCAXegAwIBAgIEAKGywzAKBggqgRzPVQGDdTA+MQswCQYDVQQGEwJDTjEV
    MBMGA1UECgwM5rWL6K+V5py65p6EMRgwFgYDVQQDDA/llYblr4bmtYvor5XmoLkw
    HhcNMjYxMTIzMDM0MTI2WhcNNDYxMTE4MDM0MTI2WjA+MQswCQYDVQQGEwJDTjEV
    MBMGA1UECgwM5rWL6K+V5py65p6EMRgwFgYDVQQDDA/llYblr4bmtYvor5XmoLkw
    WTATBgcqhkjOPQIBBggqgRzPVQGCLQNCAAQJ+d8xHlQhoVDdfRYeS8XGchefrRgz
    /AdrsI/zVvNQIMzqSQziZ3WlLcbqcYzBqmAK7QX7814ISmYy9gctqa0To2MwYTAd
    BgNVHQ4EFgQU+eJRYUwvDp6AkT/9owjkfAGiQbQwHwYDVR0jBBgwFoAU+eJRYUwv
    Dp6AkT/9owjkfAGiQbQwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYw
    CgYIKoEcz1UBg3UDSAAwRQIgfcjEt7h+mJJbRLu2ka7N3oG++5K78qhluJPMKrkS
    kKQCIQD+nClG+3qPk/RziXK5cooF1EcdPXD0O7eBJrjKCDi7GA==
    -----END CERTIFICATE-----
    """

  /// A certificate under that root, with alternative names of every kind.
  static let leafPEM = """
    -----BEGIN CERTIFICATE-----
    MIIB9DCCAZqgAwIBAgICfwEwCgYIKoEcz1UBg3UwPjELMAkGA1UEBhMCQ04xFTAT
    BgNVBAoMDOa1i+ivleacuuaehDEYMBYGA1UEAwwP5ZWG5a+G5rWL6K+V5qC5MB4X
    DTI2MTEyMzAzNDEyNloXDTQ2MDEyMjAzNDEyNlowKTEnMCUGA1UEAwwe5rKI6Ziz
    5pif5r6c6L2v5Lu25pyJ6ZmQ5YWs5Y+4MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0D
    QgAECfnfMR5UIaFQ3X0WHkvFxnIXn60YM/wHa7CP81bzUCDM6kkM4md1pS3G6nGM
    wapgCu0F+/NeCEpmMvYHLamtE6OBnDCBmTAJBgNVHRMEAjAAMAsGA1UdDwQEAwIH
    gDBgBgNVHREEWTBXgglhLmV4YW1wbGWCCWIuZXhhbXBsZYcEwAACAYcQIAENuAAA
    AAAAAAAAAAAAAYYYcmVnaXN0cnk6Ly9wYXJ0bmVycy9iYW5rgQ14QGV4YW1wbGUu
    b3JnMB0GA1UdDgQWBBT54lFhTC8OnoCRP/2jCOR8AaJBtDAKBggqgRzPVQGDdQNI
    ADBFAiEA5FcOhD6VdPDUp3UMcO1W3tgNcG2bXvooYHQZdJ4ir2cCIDzZzFgRYl7/
    x25ZzX+RCFBaji4e33rrTBrJ5D9tyq4S
    -----END CERTIFICATE-----
    """

  /// A request for it.
  static let requestPEM = """
    -----BEGIN CERTIFICATE REQUEST-----
    MIHjMIGLAgEAMCkxJzAlBgNVBAMMHuayiOmYs+aYn+a+nOi9r+S7tuaciemZkOWF
    rOWPuDBZMBMGByqGSM49AgEGCCqBHM9VAYItA0IABAn53zEeVCGhUN19Fh5LxcZy
    F5+tGDP8B2uwj/NW81AgzOpJDOJndaUtxupxjMGqYArtBfvzXghKZjL2By2prROg
    ADAKBggqgRzPVQGDdQNHADBEAh9hvPXuW4e5mgDFP21qaGXwocQ7NvlhE2tYIEu8
    cgt/AiEA+3J3C8mtB6Y7PbSdSDL/R3QA+PzfRa2fVDH3VrWD5PM=
    -----END CERTIFICATE REQUEST-----
    """

  /// A signed message with its content, in Base64.
  static let attachedBase64 = """
    MIIDFQYKKoEcz1UGAQQCAqCCAwUwggMBAgEBMQ4wDAYIKoEcz1UBgxEFADA7BgoqgRzPVQYBBAIBoC0EK+ayiOmY
    s+aYn+a+nOi9r+S7tuaciemZkOWFrOWPuCDokKXkuJrmiafnhaegggH4MIIB9DCCAZqgAwIBAgICfwEwCgYIKoEc
    z1UBg3UwPjELMAkGA1UEBhMCQ04xFTATBgNVBAoMDOa1i+ivleacuuaehDEYMBYGA1UEAwwP5ZWG5a+G5rWL6K+V
    5qC5MB4XDTI2MTEyMzAzNDEyNloXDTQ2MDEyMjAzNDEyNlowKTEnMCUGA1UEAwwe5rKI6Ziz5pif5r6c6L2v5Lu2
    5pyJ6ZmQ5YWs5Y+4MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60YM/wHa7CP
    81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtE6OBnDCBmTAJBgNVHRMEAjAAMAsGA1UdDwQEAwIH
    gDBgBgNVHREEWTBXgglhLmV4YW1wbGWCCWIuZXhhbXBsZYcEwAACAYcQIAENuAAAAAAAAAAAAAAAAYYYcmVnaXN0
    cnk6Ly9wYXJ0bmVycy9iYW5rgQ14QGV4YW1wbGUub3JnMB0GA1UdDgQWBBT54lFhTC8OnoCRP/2jCOR8AaJBtDAK
    BggqgRzPVQGDdQNIADBFAiEA5FcOhD6VdPDUp3UMcO1W3tgNcG2bXvooYHQZdJ4ir2cCIDzZzFgRYl7/x25ZzX+R
    CFBaji4e33rrTBrJ5D9tyq4SMYGyMIGvAgEBMEQwPjELMAkGA1UEBhMCQ04xFTATBgNVBAoMDOa1i+ivleacuuae
    hDEYMBYGA1UEAwwP5ZWG5a+G5rWL6K+V5qC5AgJ/ATAMBggqgRzPVQGDEQUAMA0GCSqBHM9VAYItAQUABEcwRQIh
    AKTXOoagzziAfYB2EECeGfJt/HxO/KkBnIZDt5nlm8hiAiBByODTKo8WU+Abc2KHeGOSzBtTKAWFf6XzjuMEDVWn
    3A==
    """

  /// The same without its content.
  static let detachedBase64 = """
    MIIC5gYKKoEcz1UGAQQCAqCCAtYwggLSAgEBMQ4wDAYIKoEcz1UBgxEFADAMBgoqgRzPVQYBBAIBoIIB+DCCAfQw
    ggGaoAMCAQICAn8BMAoGCCqBHM9VAYN1MD4xCzAJBgNVBAYTAkNOMRUwEwYDVQQKDAzmtYvor5XmnLrmnoQxGDAW
    BgNVBAMMD+WVhuWvhua1i+ivleaguTAeFw0yNjExMjMwMzQxMjZaFw00NjAxMjIwMzQxMjZaMCkxJzAlBgNVBAMM
    HuayiOmYs+aYn+a+nOi9r+S7tuaciemZkOWFrOWPuDBZMBMGByqGSM49AgEGCCqBHM9VAYItA0IABAn53zEeVCGh
    UN19Fh5LxcZyF5+tGDP8B2uwj/NW81AgzOpJDOJndaUtxupxjMGqYArtBfvzXghKZjL2By2prROjgZwwgZkwCQYD
    VR0TBAIwADALBgNVHQ8EBAMCB4AwYAYDVR0RBFkwV4IJYS5leGFtcGxlggliLmV4YW1wbGWHBMAAAgGHECABDbgA
    AAAAAAAAAAAAAAGGGHJlZ2lzdHJ5Oi8vcGFydG5lcnMvYmFua4ENeEBleGFtcGxlLm9yZzAdBgNVHQ4EFgQU+eJR
    YUwvDp6AkT/9owjkfAGiQbQwCgYIKoEcz1UBg3UDSAAwRQIhAORXDoQ+lXTw1Kd1DHDtVt7YDXBtm176KGB0GXSe
    Iq9nAiA82cxYEWJe/8duWc1/kQhQWo4uHt9660wayeQ/bcquEjGBsjCBrwIBATBEMD4xCzAJBgNVBAYTAkNOMRUw
    EwYDVQQKDAzmtYvor5XmnLrmnoQxGDAWBgNVBAMMD+WVhuWvhua1i+ivleaguQICfwEwDAYIKoEcz1UBgxEFADAN
    BgkqgRzPVQGCLQEFAARHMEUCIQCk1zqGoM84gH2AdhBAnhnybfx8TvypAZyGQ7eZ5ZvIYgIgQcjg0yqPFlPgG3Ni
    h3hjkswbUygFhX+l847jBA1Vp9w=
    """

  /// A signature over "message digest" with the default id.
  static let signature =
    "30450220155915c099266896a82757d4398e30e0f3eb352d9f99d15268f21540231885ae"
    + "02210090e0a50e420c05633a239cbcc20d6542a92dbc930ec25aa2400b1978cb24ffec"

  /// One with the empty id, OpenSSL 3's default.
  static let signatureWithEmptyID =
    "30450221009854b81a5b333e6daad9adf40d293fb31d993b16f6d48d94aa34f628906297"
    + "760220412300c31c51318582ef2ada392d911eacf3e29b24ec783f7435fca58311d384"

  /// One by the P-256 key.
  static let p256Signature =
    "30450220079aefc8ccc96a71e38697ff86a0bf4e291377ecbc75e1d9c19c1096d8ae8d28"
    + "0221009ac94c4eaae806e0e5fdcb1899dcb1b6b0b71408072138ee19db8750615874f0"
}
