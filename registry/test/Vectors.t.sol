// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashing} from "../contracts/Hashing.sol";
import {IEvidenceLog, SignedEntry} from "../contracts/interfaces/IEvidenceLog.sol";
import {IOrganizationRegistry} from "../contracts/interfaces/IOrganizationRegistry.sol";
import {Tree} from "../contracts/Tree.sol";
import {Parties} from "./base/Parties.sol";

/// @dev The published vectors that TypeScript and the browser pass too.
contract VectorsTest is Parties {
  string private _vectors;

  function setUp() external {
    vm.warp(NOW);
    _vectors = vm.readFile("../evidence/vectors/evidence-vectors.json");
  }

  function test_the_log_holds_the_published_root_at_every_size() external {
    string[] memory entries = vm.parseJsonStringArray(_vectors, ".log.entries");
    string[] memory roots = vm.parseJsonStringArray(_vectors, ".log.roots");
    vm.assertEq(roots.length, entries.length + 1);
    (registry, log) = deployPair(noOrigin());
    enrol(2, 2);
    enrol(2, 3);
    for (uint64 owner = 4; owner <= 7; owner++) {
      enrolBound(3, owner);
    }
    bind(2, 3);
    bind(3, 2);

    vm.assertEq(log.root(), vm.parseBytes32(roots[0]));
    for (uint256 i = 0; i < entries.length; i++) {
      (uint32 kind, uint64 organization, uint64 sequence, bytes32 digest) = _fields(vm.parseBytes(entries[i]));
      log.append(list(signedEntry(secret(organization, uint8(kind)), kind, organization, sequence, digest)));
      vm.assertEq(log.root(), vm.parseBytes32(roots[i + 1]));
    }
  }

  function test_the_edge_folds_to_the_published_root_at_every_size() external view {
    string[] memory entries = vm.parseJsonStringArray(_vectors, ".log.entries");
    string[] memory roots = vm.parseJsonStringArray(_vectors, ".log.roots");
    bytes32[] memory edge = new bytes32[](53);
    for (uint256 i = 0; i < entries.length; i++) {
      bytes memory entry = vm.parseBytes(entries[i]);
      (uint32 kind, uint64 organization, uint64 sequence, bytes32 digest) = _fields(entry);
      bytes32 leaf = Tree.leaf(kind, organization, sequence, digest);
      vm.assertEq(leaf, sha256(bytes.concat(hex"00", entry)));
      Tree.push(edge, i, leaf);
      vm.assertEq(Tree.root(edge, i + 1), vm.parseBytes32(roots[i + 1]));
    }
  }

  function test_the_published_signatures_append_to_a_log_at_the_published_address() external {
    address place = vm.parseJsonAddress(_vectors, ".batch.eip712.verifyingContract");
    vm.chainId(vm.parseJsonUint(_vectors, ".batch.eip712.chainId"));
    string[] memory entries = vm.parseJsonStringArray(_vectors, ".batch.entries");
    string[] memory signatures = vm.parseJsonStringArray(_vectors, ".batch.eip712.signatures");
    registry = IOrganizationRegistry(create("OrganizationRegistry.sol", abi.encode(firstRegulator(), place)));
    log = _logAt(place);
    enrol(2, 2);
    for (uint64 owner = 3; owner <= 7; owner++) {
      enrolBound(3, owner);
    }

    SignedEntry[] memory list_ = new SignedEntry[](entries.length);
    for (uint256 i = 0; i < entries.length; i++) {
      list_[i] = _withSignature(vm.parseBytes(entries[i]), vm.parseBytes(signatures[i]));
      uint256 key = _signerOf(list_[i], i);
      done(addCall(list_[i].organization, key, uint8(list_[i].kind), 1, MAX));
    }
    log.append(list_);
    vm.assertEq(log.size(), entries.length);
  }

  /// @dev The published key, once it is seen that our hash, signed by it, is the published signature.
  function _signerOf(SignedEntry memory entry, uint256 i) private view returns (uint256 key) {
    key = vm.parseUint(vm.parseJsonStringArray(_vectors, ".batch.eip712.privateKeys")[i]);
    vm.assertEq(vm.addr(key), vm.parseAddress(vm.parseJsonStringArray(_vectors, ".batch.eip712.signers")[i]));
    bytes32 structHash = Hashing.entry(entry.kind, entry.organization, entry.sequence, entry.digest);
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, Hashing.typed(log.domainSeparator(), structHash));
    vm.assertEq(keccak256(abi.encode(v, r, s)), keccak256(abi.encode(entry.v, entry.r, entry.s)));
  }

  /// @dev Runs the constructor at a given address.
  function _logAt(address place) private returns (IEvidenceLog) {
    vm.etch(place, bytes.concat(vm.getCode("EvidenceLog.sol"), abi.encode(registry, noOrigin())));
    (bool ok, bytes memory code) = place.call("");
    vm.assertTrue(ok);
    vm.etch(place, code);
    return IEvidenceLog(place);
  }

  function _fields(bytes memory entry)
    private
    pure
    returns (uint32 kind, uint64 organization, uint64 sequence, bytes32 digest)
  {
    vm.assertEq(entry.length, 52);
    bytes32 start;
    assembly ("memory-safe") {
      start := mload(add(entry, 32))
      digest := mload(add(entry, 52))
    }
    kind = uint32(uint256(start) >> 224);
    organization = uint64(uint256(start) >> 160);
    sequence = uint64(uint256(start) >> 96);
  }

  function _withSignature(bytes memory entry, bytes memory signature) private pure returns (SignedEntry memory) {
    (uint32 kind, uint64 organization, uint64 sequence, bytes32 digest) = _fields(entry);
    bytes32 r;
    bytes32 s;
    assembly ("memory-safe") {
      r := mload(add(signature, 32))
      s := mload(add(signature, 64))
    }
    return SignedEntry(kind, organization, sequence, digest, r, s, uint8(signature[64]));
  }
}
