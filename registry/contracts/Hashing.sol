// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Acts} from "./Acts.sol";

/// @title EIP-712 hashes, in assembly for the gas promise alone: they leave no garbage in memory
/// @notice Their readable twins, `keccak256` of `abi.encode`, stand in test/base/Readable.sol; a fuzz test compares them.
library Hashing {
  /// @notice What is signed: keccak(1901 ‖ domain ‖ struct).
  function typed(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 digest) {
    assembly ("memory-safe") {
      let free := mload(0x40)
      mstore(free, hex"1901")
      mstore(add(free, 2), domain)
      mstore(add(free, 34), structHash)
      digest := keccak256(free, 66)
    }
  }

  /// @notice The struct hash of an Entry.
  function entry(uint32 kind, uint64 organization, uint64 sequence, bytes32 digest)
    internal
    pure
    returns (bytes32 hash)
  {
    bytes32 typeHash = Acts.ENTRY;
    assembly ("memory-safe") {
      let free := mload(0x40)
      mstore(free, typeHash)
      mstore(add(free, 32), kind)
      mstore(add(free, 64), organization)
      mstore(add(free, 96), sequence)
      mstore(add(free, 128), digest)
      hash := keccak256(free, 160)
    }
  }
}
