// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Head, Origin, SignedEntry} from "../contracts/interfaces/IEvidenceLog.sol";
import {Readable} from "./base/Readable.sol";
import {Parties} from "./base/Parties.sol";

/// @dev Whole transactions: each call is its own, with cold storage, intrinsic gas and calldata (isolate; an anvil
/// receipt shows the same figures). Every entry of a list is of another organization, which is the dearest case.
/// The figures are compared with snapshots/append.json, so that a change of cost is a visible one.
/// forge-config: default.isolate = true
contract GasTest is Parties {
  uint64 private constant COUNT = 100;

  function test_append_in_a_list_of_100_keeps_its_gas_promise() external {
    deploy();
    _enrolAll();
    uint256 first = _appendAll();
    uint256 second = _appendAll();
    log.append(list(nextEntry(3, 1, keccak256("one alone"))));
    uint256 alone = vm.lastCallGas().gasTotalUsed;

    vm.snapshotValue("append", "first entries of 100 organizations, per entry", first / COUNT);
    vm.snapshotValue("append", "later entries of 100 organizations, per entry", second / COUNT);
    vm.snapshotValue("append", "one later entry alone", alone);
    vm.assertLe(first, 62_000 * uint256(COUNT), "first entries");
    vm.assertLe(second, 27_000 * uint256(COUNT), "later entries");
  }

  function test_append_to_a_log_of_a_million_keeps_its_gas_promise() external {
    // The measured list passes 2^20: nearly every place of the edge is read, and a new one written.
    vm.warp(NOW);
    (registry, log) = deployPair(_origin(2 ** 20 - 151));
    enrol(2, PLATFORM);
    _enrolAll();
    _appendAll();
    uint256 second = _appendAll();

    vm.snapshotValue("append", "later entries past the millionth, per entry", second / COUNT);
    vm.assertLe(second, 27_000 * uint256(COUNT), "later entries");
  }

  /// @dev A log of `size` entries that another one had; the hashes do not matter to the cost.
  function _origin(uint64 size) private pure returns (Origin memory origin) {
    bytes32[] memory edge = new bytes32[](_ones(size));
    for (uint256 i = 0; i < edge.length; i++) {
      edge[i] = keccak256(abi.encode("subtree", i));
    }
    Head[] memory heads = new Head[](1);
    heads[0] = Head(1, 1_000_000, size, keccak256("head"));
    bytes32 root = edge[edge.length - 1];
    for (uint256 i = edge.length - 1; i > 0; i--) {
      root = Readable.inner(edge[i - 1], root);
    }
    return Origin(1, address(1), size, root, edge, heads);
  }

  function _ones(uint256 size) private pure returns (uint256 ones) {
    for (; size != 0; size >>= 1) {
      ones += size & 1;
    }
  }

  function _enrolAll() private {
    for (uint64 owner = 3; owner < 3 + COUNT; owner++) {
      enrolBound(3, owner);
    }
  }

  function _appendAll() private returns (uint256 gas) {
    SignedEntry[] memory entries = new SignedEntry[](COUNT);
    for (uint64 i = 0; i < COUNT; i++) {
      entries[i] = nextEntry(3 + i, 1, keccak256(abi.encode("batch", i, log.size())));
    }
    log.append(entries);
    return vm.lastCallGas().gasTotalUsed;
  }
}
