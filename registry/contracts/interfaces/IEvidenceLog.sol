// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One signed statement of one organization, as it is relayed (存证). The 52 bytes of its leaf are
/// u32(kind) ‖ u64(organization) ‖ u64(sequence) ‖ digest, big-endian.
/// @param kind 1 a batch, 2 a document; others are refused.
/// @param organization the signer's id in the OrganizationRegistry, from 1, at most 2^53 − 1.
/// @param sequence the head of this organization and kind, plus one; from 1, at most 2^53 − 1.
/// @param digest SHA-256 of the batch header's or document's block: the digest of its CID.
/// @param r the first 32 bytes of the 65-byte signature.
/// @param s the next 32 bytes; in the lower half of the curve's order.
/// @param v the last byte: 27 or 28.
struct SignedEntry {
  uint32 kind;
  uint64 organization;
  uint64 sequence;
  bytes32 digest;
  bytes32 r;
  bytes32 s;
  uint8 v;
}

/// @notice The last sequence and digest of one organization and kind.
struct Head {
  uint32 kind;
  uint64 organization;
  uint64 sequence;
  bytes32 digest;
}

/// @notice Where a successor log begins. All zero and empty for a log that begins at nothing.
/// @param chainId chain of the older log.
/// @param log address of the older log.
/// @param size its number of entries.
/// @param root its root at that size; the constructor computes it from `edge` and compares.
/// @param edge one subtree hash for each set bit of `size`, the largest subtree first.
/// @param heads its heads; their sequences add up to `size`.
struct Origin {
  uint256 chainId;
  address log;
  uint64 size;
  bytes32 root;
  bytes32[] edge;
  Head[] heads;
}

/// @title The evidence log (存证日志): an RFC 6962 tree of signed entries, kept by a contract
/// @notice Anyone may relay an entry; only its signature gives it its right to be there. What is appended can be
/// neither changed nor taken back, by anyone: there is no owner, no pause and no upgrade.
///
/// An entry is signed by EIP-712, domain {name "Tanlian Evidence Log", version "1", chainId, verifyingContract},
///   Entry(uint32 kind,uint64 organization,uint64 sequence,bytes32 digest)
/// It names no nonce and no expiry: its sequence is its nonce, and it never expires (safety R9).
interface IEvidenceLog {
  /// @notice An entry became the leaf at `index`, counted from 0 over all kinds and organizations.
  event Appended(uint32 indexed kind, uint64 indexed organization, uint64 sequence, bytes32 digest, uint64 index);

  /// @notice The tree's root after a list of entries; once for each list.
  event Root(uint64 size, bytes32 root);

  /// @notice This log continues an older one (in the constructor, before its heads).
  event Succeeded(uint256 chainId, address indexed log, uint64 size, bytes32 root);

  /// @notice A head taken over from the older log.
  event HeadCarried(uint32 indexed kind, uint64 indexed organization, uint64 sequence, bytes32 digest);

  /// @notice The list holds no entry.
  error LogListEmpty();
  /// @notice The entry at `place` in the list has a kind other than 1 and 2.
  error EntryKindUnknown(uint256 place, uint32 kind);
  /// @notice The entry at `place` does not continue its organization's sequence, or would pass 2^53 − 1.
  error EntrySequenceNotNext(uint256 place, uint64 organization, uint32 kind, uint64 head, uint64 given);
  /// @notice The signature of the entry at `place` has a v other than 27 and 28, a high s, or recovers no address.
  error EntrySignatureInvalid(uint256 place);
  /// @notice `key` is not a key of `organization` for this kind at this sequence (or the signed bytes differ).
  error EntryKeyRefused(uint256 place, uint64 organization, uint32 kind, uint64 sequence, address key);
  /// @notice The organization is suspended by a regulator.
  error EntryOrganizationSuspended(uint256 place, uint64 organization);
  /// @notice A batch of an organization that is bound to no platform.
  error EntryOrganizationUnbound(uint256 place, uint64 organization);
  /// @notice The log would hold more than 2^53 − 1 entries.
  error LogFull(uint64 size);
  /// @notice The registry names another log than this one.
  error LogRegistryMismatch(address registry, address log);
  /// @notice The older log's edge does not fold to its root, or has not one hash a set bit of its size.
  error LogOriginRootMismatch(bytes32 given, bytes32 computed);
  /// @notice The older log's heads do not add up to its size, or one is out of bounds or named twice.
  error LogOriginHeadInvalid(uint256 place);

  /// @notice Append a list of signed entries, all or none: the first that is refused reverts the list and names its
  /// place in it. Anyone may call. Costs at most 27,000 gas an entry in a list of 100 whose organizations have heads.
  /// @param entries in the order in which they become leaves.
  function append(SignedEntry[] calldata entries) external;

  /// @notice The RFC 6962 tree hash of all entries; SHA-256 of nothing for an empty log.
  function root() external view returns (bytes32);

  /// @notice The number of entries, at most 2^53 − 1.
  function size() external view returns (uint64);

  /// @notice The tree's right-hand edge: one subtree hash for each set bit of the size, the largest subtree first.
  /// With the heads it is all that a successor log needs.
  function edge() external view returns (bytes32[] memory);

  /// @notice The last sequence and digest of an organization for a kind; (0, 0) before its first entry.
  function head(uint64 organization, uint32 kind) external view returns (uint64 sequence, bytes32 digest);

  /// @notice What every entry's signature covers besides the entry: the EIP-712 domain, hashed.
  function domainSeparator() external view returns (bytes32);

  /// @notice The registry that names the keys; never changes.
  function registry() external view returns (address);
}
