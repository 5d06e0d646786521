// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Sizes stay below 2^53, so an edge has places for bits 0 … 52.
uint256 constant LEVELS = 53;

/// @title The right-hand edge of an RFC 6962 tree: enough to append and to know the root
/// @notice An edge holds, at place L, the hash of the full subtree of 2^L leaves that bit L of the size stands for.
/// Places whose bit is not set hold whatever they held before.
library Tree {
  uint256 internal constant MAX_SIZE = 2 ** 53 - 1;

  // RFC 6962 §2.1: leaves are prefixed with 00 and inner nodes with 01, so neither can pose as the other. Both hashes are
  // in assembly for the gas promise alone: they leave no garbage in memory. Their readable twins, `sha256` of
  // `abi.encodePacked`, stand in test/base/Readable.sol, and a fuzz test compares them.

  /// @notice Hash of a leaf: H(00 ‖ u32(kind) ‖ u64(organization) ‖ u64(sequence) ‖ digest).
  function leaf(uint32 kind, uint64 organization, uint64 sequence, bytes32 digest)
    internal
    view
    returns (bytes32 hash)
  {
    // 00 ‖ kind ‖ organization ‖ sequence are 21 bytes: the last 21 of a word.
    uint256 start = (uint256(kind) << 128) | (uint256(organization) << 64) | sequence;
    assembly ("memory-safe") {
      let free := mload(0x40)
      mstore(free, start)
      mstore(add(free, 32), digest)
      if iszero(staticcall(gas(), 2, add(free, 11), 53, 0, 32)) { revert(0, 0) }
      hash := mload(0)
    }
  }

  /// @notice Hash of an inner node: H(01 ‖ left ‖ right).
  function inner(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
    assembly ("memory-safe") {
      let free := mload(0x40)
      mstore8(free, 1)
      mstore(add(free, 1), left)
      mstore(add(free, 33), right)
      if iszero(staticcall(gas(), 2, free, 65, 0, 32)) { revert(0, 0) }
      hash := mload(0)
    }
  }

  /// @notice Append one leaf to a tree of `size` leaves.
  function push(bytes32[] memory edge, uint256 size, bytes32 hash) internal view {
    unchecked {
      uint256 level = 0;
      for (; size & 1 == 1; size >>= 1) {
        hash = inner(edge[level++], hash);
      }
      edge[level] = hash;
    }
  }

  /// @notice The root of a tree of `size` leaves. RFC 6962 §2.1: the root of no leaves is the hash of nothing.
  function root(bytes32[] memory edge, uint256 size) internal view returns (bytes32 hash) {
    if (size == 0) return sha256("");
    uint256 level = 0;
    while ((size >> level) & 1 == 0) level++;
    hash = edge[level];
    for (level++; size >> level != 0; level++) {
      if ((size >> level) & 1 == 1) hash = inner(edge[level], hash);
    }
  }
}
