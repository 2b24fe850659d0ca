internal import Foundation

/// The protos served, as reflection hands them out.
public enum DescriptorSet {
  /// A serialized `google.protobuf.FileDescriptorSet` with every import.
  public static let serialized: [UInt8] = Data(base64Encoded: base64).map(Array.init) ?? []
}
