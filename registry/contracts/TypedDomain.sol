// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Acts} from "./Acts.sol";

/// @title The EIP-712 domain of a contract: name, version, chain and address
/// @notice OpenZeppelin's EIP712 compiles for Cancun only, by way of its Strings; the contracts are for London.
abstract contract TypedDomain {
  bytes32 private immutable _nameHash;
  bytes32 private immutable _versionHash;
  bytes32 private immutable _separator;
  uint256 private immutable _chainId;

  constructor(string memory name, string memory version) {
    _nameHash = keccak256(bytes(name));
    _versionHash = keccak256(bytes(version));
    _chainId = block.chainid;
    _separator = _separatorNow();
  }

  /// @dev What every signature for this contract covers: `keccak(domain type ‖ name ‖ version ‖ chain ‖ address)`.
  function _domain() internal view returns (bytes32) {
    // After a fork of the chain the two sides have different ids, and a signature counts on one of them only.
    return block.chainid == _chainId ? _separator : _separatorNow();
  }

  function _separatorNow() private view returns (bytes32) {
    return keccak256(abi.encode(Acts.DOMAIN, _nameHash, _versionHash, block.chainid, address(this)));
  }
}
