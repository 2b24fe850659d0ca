/// A failure to start, told to the operator.
package enum ServerError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be read.
  case unreadable(String)
  /// A file cannot be written.
  case unwritable(String)
  /// Another server works in the data folder.
  case folderInUse(String)
  /// The key that signs licences is not of the curve SM2.
  case signingKeyNotSM2
  /// A new revocation list is past its next update already.
  case outdatedRevocationList

  /// What to tell the operator.
  package var description: String {
    switch self {
    case .unreadable(let path): "cannot read \(path)"
    case .unwritable(let path): "cannot write \(path)"
    case .folderInUse(let path): "another registryd works in \(path)"
    case .signingKeyNotSM2: "--signing-key: the key is not of the curve SM2"
    case .outdatedRevocationList: "the new revocation list has run out already"
    }
  }
}
