// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The readable twins of what the contracts do in assembly or step by step: as the specification says it.
library Readable {
  function leaf(uint32 kind, uint64 organization, uint64 sequence, bytes32 digest) internal pure returns (bytes32) {
    return sha256(abi.encodePacked(uint8(0), kind, organization, sequence, digest));
  }

  function inner(bytes32 left, bytes32 right) internal pure returns (bytes32) {
    return sha256(abi.encodePacked(uint8(1), left, right));
  }

  function typed(bytes32 separator, bytes32 structHash) internal pure returns (bytes32) {
    return keccak256(abi.encodePacked(hex"1901", separator, structHash));
  }

  function entry(uint32 kind, uint64 organization, uint64 sequence, bytes32 digest) internal pure returns (bytes32) {
    bytes32 typeHash = keccak256("Entry(uint32 kind,uint64 organization,uint64 sequence,bytes32 digest)");
    return keccak256(abi.encode(typeHash, kind, organization, sequence, digest));
  }

  function domain(string memory name, uint256 chainId, address verifyingContract) internal pure returns (bytes32) {
    bytes32 typeHash = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    return keccak256(abi.encode(typeHash, keccak256(bytes(name)), keccak256("1"), chainId, verifyingContract));
  }

  /// @dev RFC 6962 §2.1, word for word: split at the largest power of two below the count.
  function root(bytes32[] memory leaves) internal pure returns (bytes32) {
    return leaves.length == 0 ? sha256("") : _root(leaves, 0, leaves.length);
  }

  function _root(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
    if (to - from == 1) return leaves[from];
    uint256 split = 1;
    while (split * 2 < to - from) split *= 2;
    return inner(_root(leaves, from, from + split), _root(leaves, from + split, to));
  }
}
