internal import SwiftProtobuf
internal import SwiftProtobufPluginLibrary

/// What `google.api.field_behavior` says of a field (AIP-203).
struct FieldBehavior {
  /// The option, read as numbers: its enum is not generated here.
  static let option = MessageExtension<
    RepeatedExtensionField<ProtobufInt32>, Google_Protobuf_FieldOptions
  >(_protobuf_fieldNumber: 1052, fieldName: "google.api.field_behavior")

  /// REQUIRED: the caller gives it.
  let isRequired: Bool
  /// OUTPUT_ONLY: what a caller gives is ignored.
  let isOutput: Bool
  /// IDENTIFIER: the resource's own name.
  let isIdentifier: Bool
  /// Any behavior is stated at all, so that the message is meant to be filled in.
  let isStated: Bool

  init(of field: FieldDescriptor) {
    let values = field.options.getExtensionValue(ext: Self.option) ?? []
    isRequired = values.contains(2)
    isOutput = values.contains(3)
    isIdentifier = values.contains(8)
    isStated = !values.isEmpty
  }
}
