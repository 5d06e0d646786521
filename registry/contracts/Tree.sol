// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Sizes stay below 2^53, so an edge has places for bits 0 … 52.
uint256 constant LEVELS = 53;

/// @title The right-hand edge of an RFC 6962 tree: enough to append and to know the root
/// @notice An edge holds, at place L, the hash of the full subtree of 2^L leaves that bit L of the size stands for.
/// Places whose bit is not set hold whatever they held before.
library Tree {
  uint256 internal constant MAX_SIZE = 2 ** 53 - 1;

  /// @notice Hash of a leaf: H(00 ‖ u32(kind) ‖ u64(organization) ‖ u64(sequence) ‖ digest).
  function leaf(uint32 kind, uint64 organization, uint64 sequence, bytes32 digest) internal pure returns (bytes32) {
    // RFC 6962 §2.1: leaves are prefixed with 00 and inner nodes with 01, so neither can pose as the other.
    return sha256(abi.encodePacked(uint8(0), kind, organization, sequence, digest));
  }

  /// @notice Hash of an inner node: H(01 ‖ left ‖ right).
  function inner(bytes32 left, bytes32 right) internal pure returns (bytes32) {
    return sha256(abi.encodePacked(uint8(1), left, right));
  }

  /// @notice Append one leaf to a tree of `size` leaves.
  function push(bytes32[] memory edge, uint256 size, bytes32 hash) internal pure {
    uint256 level = 0;
    for (; (size >> level) & 1 == 1; level++) hash = inner(edge[level], hash);
    edge[level] = hash;
  }

  /// @notice The root of a tree of `size` leaves. RFC 6962 §2.1: the root of no leaves is the hash of nothing.
  function root(bytes32[] memory edge, uint256 size) internal pure returns (bytes32 hash) {
    if (size == 0) return sha256("");
    uint256 level = 0;
    while ((size >> level) & 1 == 0) level++;
    hash = edge[level];
    for (level++; size >> level != 0; level++) if ((size >> level) & 1 == 1) hash = inner(edge[level], hash);
  }
}
