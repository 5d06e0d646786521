// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What the registry remembers of a key, in one word, so that the log's question costs one read:
/// organization (64 bits) ‖ from (64) ‖ to (64) ‖ epoch (32) ‖ purpose (8) ‖ ended (8), from the top, then 16 zero bits.
/// All zero: unknown.
type KeyRecord is uint256;

using KeyRecords for KeyRecord global;

/// @title The fields of a key's record
library KeyRecords {
  function pack(uint64 organization_, uint64 from_, uint64 to_, uint32 epoch_, uint8 purpose_)
    internal
    pure
    returns (KeyRecord)
  {
    return KeyRecord.wrap(
      (uint256(organization_) << 192) | (uint256(from_) << 128) | (uint256(to_) << 64) | (uint256(epoch_) << 32)
        | (uint256(purpose_) << 24)
    );
  }

  function organization(KeyRecord record) internal pure returns (uint64) {
    return uint64(KeyRecord.unwrap(record) >> 192);
  }

  /// @notice First sequence; 0 for acts.
  function from(KeyRecord record) internal pure returns (uint64) {
    return uint64(KeyRecord.unwrap(record) >> 128);
  }

  /// @notice Last sequence; 0 for acts.
  function to(KeyRecord record) internal pure returns (uint64) {
    return uint64(KeyRecord.unwrap(record) >> 64);
  }

  /// @notice The organization's epoch when the key was added.
  function epoch(KeyRecord record) internal pure returns (uint32) {
    return uint32(KeyRecord.unwrap(record) >> 32);
  }

  /// @notice 0 unknown, 1 batches, 2 documents, 3 acts.
  function purpose(KeyRecord record) internal pure returns (uint8) {
    return uint8(KeyRecord.unwrap(record) >> 24);
  }

  /// @notice Whether a key for acts was revoked.
  function ended(KeyRecord record) internal pure returns (bool) {
    return uint8(KeyRecord.unwrap(record) >> 16) != 0;
  }

  function withTo(KeyRecord record, uint64 to_) internal pure returns (KeyRecord) {
    uint256 rest = KeyRecord.unwrap(record) & ~(uint256(type(uint64).max) << 64);
    return KeyRecord.wrap(rest | (uint256(to_) << 64));
  }

  function withEnd(KeyRecord record) internal pure returns (KeyRecord) {
    return KeyRecord.wrap(KeyRecord.unwrap(record) | (1 << 16));
  }
}
