/// A point of the four-property check (四性检测) with what was found.
///
/// Source: DA/T 70-2018; `domain.md` 7.3.
struct CheckPoint: Hashable, Sendable {
  /// One of the four.
  enum Property: Hashable, Sendable {
    /// Authenticity (真实性).
    case authenticity
    /// Completeness (完整性).
    case completeness
    /// Usability (可用性).
    case usability
    /// Safety (安全性).
    case safety
  }

  /// Which point; the raw value is the id in reports.
  enum ID: String, CaseIterable, Hashable, Sendable {
    /// The stored package has the digest that was recorded.
    case packageDigest = "PACKAGE_DIGEST"
    /// The package is a tar file as packed: manifest, signature, items in their order, nothing else.
    case packageStructure = "PACKAGE_STRUCTURE"
    /// The registry's key signed the manifest.
    case manifestSignature = "MANIFEST_SIGNATURE"
    /// The manifest says of the volume what the catalog says.
    case manifestMetadata = "MANIFEST_METADATA"
    /// Every item has the size and digest of the manifest.
    case itemDigest = "ITEM_DIGEST"
    /// The catalog lists the items of the manifest.
    case itemCatalog = "ITEM_CATALOG"
    /// Every signature holds over the paper in the package.
    case signaturesValid = "SIGNATURES_VALID"
    /// The registry's key signed the licence.
    case licenseSignature = "LICENSE_SIGNATURE"
    /// Every item of the manifest lies in the package, and there are as many as it says.
    case itemsPresent = "ITEMS_PRESENT"
    /// No field of the manifest is empty.
    case metadataComplete = "METADATA_COMPLETE"
    /// The volume holds what a volume must hold.
    case materialsComplete = "MATERIALS_COMPLETE"
    /// The process record tells of every step.
    case processComplete = "PROCESS_COMPLETE"
    /// All that was asked for was signed.
    case signaturesComplete = "SIGNATURES_COMPLETE"
    /// Manifest and data can be read.
    case metadataReadable = "METADATA_READABLE"
    /// Every paper opens.
    case filesOpen = "FILES_OPEN"
    /// Every item has a form that may be archived.
    case formatsAllowed = "FORMATS_ALLOWED"
    /// No item is encrypted.
    case notEncrypted = "NOT_ENCRYPTED"
    /// Nothing lies in the package that the manifest does not name.
    case noForeignFiles = "NO_FOREIGN_FILES"
    /// Every path unpacks below the folder it is unpacked in.
    case pathsSafe = "PATHS_SAFE"
    /// No paper carries programs or attachments.
    case noActiveContent = "NO_ACTIVE_CONTENT"

    /// The property it belongs to.
    var property: Property {
      switch self {
      case .packageDigest, .packageStructure, .manifestSignature, .manifestMetadata, .itemDigest,
        .itemCatalog, .signaturesValid, .licenseSignature:
        .authenticity
      case .itemsPresent, .metadataComplete, .materialsComplete, .processComplete,
        .signaturesComplete:
        .completeness
      case .metadataReadable, .filesOpen, .formatsAllowed, .notEncrypted: .usability
      case .noForeignFiles, .pathsSafe, .noActiveContent: .safety
      }
    }

    /// What is said where nothing is wrong, in Chinese.
    var fine: String {
      switch self {
      case .packageDigest: "归档信息包的SM3值与登记一致"
      case .packageStructure: "归档信息包结构符合要求"
      case .manifestSignature: "登记机关对清单的签名有效"
      case .manifestMetadata: "清单元数据与卷目录一致"
      case .itemDigest: "各文件的大小和SM3值与清单一致"
      case .itemCatalog: "卷内目录与清单一致"
      case .signaturesValid: "各签名有效，所签文件与卷内文件一致"
      case .licenseSignature: "营业执照的签名有效"
      case .itemsPresent: "清单所列文件齐全"
      case .metadataComplete: "必填元数据齐全"
      case .materialsComplete: "应归档的材料齐全"
      case .processComplete: "办理过程记录齐全"
      case .signaturesComplete: "应签的文件均已签名"
      case .metadataReadable: "元数据和数据文件可读"
      case .filesOpen: "各文件可以打开"
      case .formatsAllowed: "文件格式均在允许范围内"
      case .notEncrypted: "文件未加密"
      case .noForeignFiles: "无清单以外的文件"
      case .pathsSafe: "路径安全"
      case .noActiveContent: "文件不含脚本和附件"
      }
    }
  }

  /// Which point.
  let id: ID
  /// It holds.
  let passed: Bool
  /// What was found, in Chinese.
  let detail: String
}

/// What was found wrong, by point; a bounded part of it is kept.
struct CheckFindings: Sendable {
  private var faults: [CheckPoint.ID: (count: Int, shown: [String])] = [:]

  /// Notes that a point does not hold.
  mutating func add(_ id: CheckPoint.ID, _ fault: String) {
    var found = faults[id] ?? (0, [])
    found.count += 1
    if found.shown.count < 5 { found.shown.append(String(fault.prefix(200))) }
    faults[id] = found
  }

  /// Every point of the check.
  var points: [CheckPoint] {
    CheckPoint.ID.allCases.map { id in
      guard let found = faults[id] else {
        return CheckPoint(id: id, passed: true, detail: id.fine)
      }
      let more = found.count > found.shown.count ? "；等\(found.count)处" : ""
      return CheckPoint(id: id, passed: false, detail: found.shown.joined(separator: "；") + more)
    }
  }
}
