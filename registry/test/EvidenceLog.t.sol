// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashing} from "../contracts/Hashing.sol";
import {Head, IEvidenceLog, Origin, SignedEntry} from "../contracts/interfaces/IEvidenceLog.sol";
import {Tree} from "../contracts/Tree.sol";
import {Parties} from "./base/Parties.sol";
import {Readable} from "./base/Readable.sol";
import {Vm} from "./base/Test.sol";

contract EvidenceLogTest is Parties {
  uint64 private constant STEEL = 3;
  uint64 private constant POWER = 4;
  uint64 private constant LOOSE = 5;

  uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

  function setUp() external {
    deploy();
    enrolBound(3, STEEL);
    enrolBound(3, POWER);
    enrol(4, LOOSE);
  }

  // What an append does

  function test_an_empty_log_has_the_root_of_nothing() external view {
    vm.assertEq(log.root(), sha256(""));
    vm.assertEq(log.size(), 0);
    vm.assertEq(log.edge().length, 0);
  }

  function test_an_append_emits_every_entry_and_one_root_and_moves_the_heads() external {
    SignedEntry[] memory entries = new SignedEntry[](3);
    entries[0] = nextEntry(STEEL, 1, "a");
    entries[1] = nextEntry(POWER, 2, "b");
    entries[2] = signedEntry(secret(STEEL, BATCHES), 1, STEEL, 2, "c");
    vm.recordLogs();
    log.append(entries);
    Vm.Log[] memory events = vm.getRecordedLogs();

    bytes32[] memory leaves = new bytes32[](3);
    vm.assertEq(events.length, 4);
    for (uint64 i = 0; i < 3; i++) {
      SignedEntry memory entry = entries[i];
      vm.assertEq(events[i].topics[0], keccak256("Appended(uint32,uint64,uint64,bytes32,uint64)"));
      vm.assertEq(uint256(events[i].topics[1]), entry.kind);
      vm.assertEq(uint256(events[i].topics[2]), entry.organization);
      vm.assertEq(keccak256(events[i].data), keccak256(abi.encode(entry.sequence, entry.digest, i)));
      leaves[i] = Readable.leaf(entry.kind, entry.organization, entry.sequence, entry.digest);
    }
    vm.assertEq(events[3].topics[0], keccak256("Root(uint64,bytes32)"));
    vm.assertEq(keccak256(events[3].data), keccak256(abi.encode(uint64(3), Readable.root(leaves))));
    vm.assertEq(log.root(), Readable.root(leaves));
    _assertHead(STEEL, 1, 2, "c");
    _assertHead(POWER, 2, 1, "b");
    _assertHead(POWER, 1, 0, 0);
  }

  function test_anyone_may_relay_and_the_platform_has_no_special_right() external {
    SignedEntry[] memory entries = list(nextEntry(STEEL, 1, "a"));
    vm.prank(address(0xBEEF));
    log.append(entries);
    vm.assertEq(log.size(), 1);
  }

  /// forge-config: default.fuzz.runs = 64
  function testFuzz_the_root_is_a_naive_trees_after_every_list(uint8[8] memory counts) external {
    bytes32[] memory leaves = new bytes32[](0);
    for (uint256 i = 0; i < counts.length; i++) {
      SignedEntry[] memory entries = new SignedEntry[](1 + counts[i] % 9);
      bytes32[] memory grown = new bytes32[](leaves.length + entries.length);
      for (uint256 j = 0; j < leaves.length; j++) {
        grown[j] = leaves[j];
      }
      (uint64 sequence,) = log.head(STEEL, 1);
      for (uint64 j = 0; j < entries.length; j++) {
        bytes32 digest = keccak256(abi.encode(i, j));
        entries[j] = signedEntry(secret(STEEL, BATCHES), 1, STEEL, sequence + 1 + j, digest);
        grown[leaves.length + j] = Readable.leaf(1, STEEL, sequence + 1 + j, digest);
      }
      log.append(entries);
      leaves = grown;
      vm.assertEq(log.root(), Readable.root(leaves));
      vm.assertEq(log.size(), leaves.length);
    }
  }

  function testFuzz_hashes_are_those_of_their_readable_twins(
    uint32 kind,
    uint64 organization,
    uint64 sequence,
    bytes32 digest,
    bytes32 right
  ) external view {
    vm.assertEq(Tree.leaf(kind, organization, sequence, digest), Readable.leaf(kind, organization, sequence, digest));
    vm.assertEq(Tree.inner(digest, right), Readable.inner(digest, right));
    vm.assertEq(Hashing.typed(digest, right), Readable.typed(digest, right));
    vm.assertEq(
      Hashing.entry(kind, organization, sequence, digest), Readable.entry(kind, organization, sequence, digest)
    );
  }

  // What an append refuses: all or none, with the place in the list

  function test_an_empty_list_is_refused() external {
    appendRefused(new SignedEntry[](0), abi.encodeWithSelector(IEvidenceLog.LogListEmpty.selector));
  }

  function test_kinds_but_1_and_2_are_refused() external {
    uint32[3] memory kinds = [uint32(0), 3, type(uint32).max];
    for (uint256 i = 0; i < kinds.length; i++) {
      SignedEntry[] memory entries = list(signedEntry(secret(STEEL, BATCHES), kinds[i], STEEL, 1, "a"));
      appendRefused(entries, abi.encodeWithSelector(IEvidenceLog.EntryKindUnknown.selector, 0, kinds[i]));
    }
    // A key for acts has the purpose number 3, yet signs no entry.
    SignedEntry[] memory byActs = list(signedEntry(secret(STEEL, ACTS), 3, STEEL, 0, "a"));
    appendRefused(byActs, abi.encodeWithSelector(IEvidenceLog.EntryKindUnknown.selector, 0, 3));
  }

  function testFuzz_any_sequence_but_the_next_is_refused(uint64 sequence) external {
    appendNext(STEEL, 1);
    appendNext(STEEL, 1);
    vm.assume(sequence != 3);
    SignedEntry[] memory entries = list(signedEntry(secret(STEEL, BATCHES), 1, STEEL, sequence, "a"));
    appendRefused(entries, abi.encodeWithSelector(IEvidenceLog.EntrySequenceNotNext.selector, 0, STEEL, 1, 2, sequence));
  }

  function test_an_entry_twice_in_one_list_is_refused_the_second_time() external {
    SignedEntry[] memory entries = new SignedEntry[](2);
    entries[0] = entries[1] = nextEntry(STEEL, 1, "a");
    appendRefused(entries, abi.encodeWithSelector(IEvidenceLog.EntrySequenceNotNext.selector, 1, STEEL, 1, 1, 1));
    _assertUntouched();
  }

  function test_R8_malleable_and_malformed_signatures_are_refused() external {
    bytes memory problem = abi.encodeWithSelector(IEvidenceLog.EntrySignatureInvalid.selector, 0);
    SignedEntry memory entry = nextEntry(STEEL, 1, "a");

    SignedEntry memory highS = nextEntry(STEEL, 1, "a");
    highS.s = bytes32(ORDER - uint256(entry.s));
    highS.v = entry.v == 27 ? 28 : 27;
    appendRefused(list(highS), problem);

    uint8[4] memory vs = [0, 1, 26, 29];
    for (uint256 i = 0; i < vs.length; i++) {
      SignedEntry memory otherV = nextEntry(STEEL, 1, "a");
      otherV.v = vs[i];
      appendRefused(list(otherV), problem);
    }
    SignedEntry memory zero = nextEntry(STEEL, 1, "a");
    zero.r = 0;
    appendRefused(list(zero), problem);
    zero = nextEntry(STEEL, 1, "a");
    zero.s = 0;
    appendRefused(list(zero), problem);
  }

  function testFuzz_an_entry_with_any_bit_of_what_is_signed_changed_is_refused(uint256 bit) external {
    SignedEntry memory entry = nextEntry(STEEL, 1, "a");
    entry.digest ^= bytes32(1 << (bit % 256));
    (bool ok,) = address(log).call(abi.encodeCall(log.append, (list(entry))));
    vm.assertFalse(ok);
  }

  function test_an_entry_signed_for_another_log_or_chain_is_refused() external {
    SignedEntry memory entry = nextEntry(STEEL, 1, "a");
    IEvidenceLog mine = log;
    (, log) = deployPair(noOrigin());
    SignedEntry memory foreign = signedEntry(secret(STEEL, BATCHES), 1, STEEL, 1, "a");
    log = mine;
    (bool ok,) = address(log).call(abi.encodeCall(log.append, (list(foreign))));
    vm.assertFalse(ok);

    vm.chainId(99);
    (ok,) = address(log).call(abi.encodeCall(log.append, (list(entry))));
    vm.assertFalse(ok);
    // After a fork of the chain, what is signed for the new id counts on it.
    log.append(list(nextEntry(STEEL, 1, "a")));
  }

  function test_R12_an_unknown_or_revoked_key_is_refused_and_what_it_signed_stays_valid() external {
    uint256 stranger = other(1);
    SignedEntry[] memory entries = list(signedEntry(stranger, 1, STEEL, 1, "a"));
    appendRefused(entries, _keyRefused(0, STEEL, 1, 1, stranger));

    appendNext(STEEL, 1);
    done(revokeCall(STEEL, secret(STEEL, BATCHES), 1));
    entries = list(nextEntry(STEEL, 1, "b"));
    appendRefused(entries, _keyRefused(0, STEEL, 1, 2, secret(STEEL, BATCHES)));
    vm.assertTrue(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, 1));
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, 2));
  }

  function test_R9_a_key_signs_for_its_purpose_and_its_organization_only() external {
    SignedEntry[] memory entries = list(signedEntry(secret(STEEL, BATCHES), 2, STEEL, 1, "a"));
    appendRefused(entries, _keyRefused(0, STEEL, 2, 1, secret(STEEL, BATCHES)));
    entries = list(signedEntry(secret(STEEL, ACTS), 1, STEEL, 1, "a"));
    appendRefused(entries, _keyRefused(0, STEEL, 1, 1, secret(STEEL, ACTS)));
    entries = list(signedEntry(secret(STEEL, BATCHES), 1, POWER, 1, "a"));
    appendRefused(entries, _keyRefused(0, POWER, 1, 1, secret(STEEL, BATCHES)));
  }

  function testFuzz_an_unknown_organization_is_refused(uint64 organization) external {
    vm.assume(organization == 0 || organization > LOOSE);
    SignedEntry[] memory entries = list(signedEntry(secret(STEEL, BATCHES), 1, organization, 1, "a"));
    appendRefused(entries, _keyRefused(0, organization, 1, 1, secret(STEEL, BATCHES)));
  }

  function test_a_suspended_organization_is_refused_and_can_go_on_after_it_is_reinstated() external {
    appendNext(STEEL, 1);
    done(suspendCall(REGULATOR, STEEL));
    bytes memory problem = abi.encodeWithSelector(IEvidenceLog.EntryOrganizationSuspended.selector, 0, STEEL);
    appendRefused(list(nextEntry(STEEL, 1, "b")), problem);
    appendRefused(list(nextEntry(STEEL, 2, "b")), problem);
    vm.assertTrue(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, 1));
    done(reinstateCall(REGULATOR, STEEL));
    appendNext(STEEL, 1);
  }

  function test_a_batch_of_an_unbound_organization_is_refused_its_documents_are_not() external {
    bytes memory problem = abi.encodeWithSelector(IEvidenceLog.EntryOrganizationUnbound.selector, 0, LOOSE);
    appendRefused(list(nextEntry(LOOSE, 1, "a")), problem);
    appendNext(LOOSE, 2);
    done(requestCall(LOOSE, PLATFORM));
    appendRefused(list(nextEntry(LOOSE, 1, "a")), problem);
    done(confirmCall(PLATFORM, LOOSE));
    appendNext(LOOSE, 1);
    done(unbindCall(PLATFORM, LOOSE, PLATFORM));
    appendRefused(list(nextEntry(LOOSE, 1, "a")), problem);
  }

  function testFuzz_one_bad_entry_reverts_the_list_and_names_its_place(uint256 bad) external {
    SignedEntry[] memory entries = new SignedEntry[](5);
    for (uint64 i = 0; i < 5; i++) {
      entries[i] = signedEntry(secret(STEEL, BATCHES), 1, STEEL, i + 1, "a");
    }
    bad = bad % 5;
    entries[bad] = signedEntry(other(1), 1, STEEL, uint64(bad) + 1, "a");
    appendRefused(entries, _keyRefused(bad, STEEL, 1, uint64(bad) + 1, other(1)));
    _assertUntouched();
  }

  // Deployment and succession

  function test_a_log_that_its_registry_does_not_name_cannot_be_deployed() external {
    bytes memory code = bytes.concat(vm.getCode("EvidenceLog.sol"), abi.encode(address(registry), noOrigin()));
    vm.assertEq(_create(code), address(0));
  }

  /// forge-config: default.fuzz.runs = 24
  function testFuzz_a_successor_goes_on_where_the_older_log_ended(uint8 before, uint8 after_) external {
    uint64 count = 1 + before % 40;
    bytes32[] memory leaves = new bytes32[](count + 1 + after_ % 20);
    for (uint64 i = 0; i < count; i++) {
      leaves[i] = _appendAndHash(STEEL, 1);
    }
    appendNext(POWER, 2);
    (uint64 s1, bytes32 d1) = log.head(STEEL, 1);
    (uint64 s2, bytes32 d2) = log.head(POWER, 2);
    leaves[count] = Readable.leaf(2, POWER, s2, d2);
    Head[] memory heads = new Head[](2);
    heads[0] = Head(1, STEEL, s1, d1);
    heads[1] = Head(2, POWER, s2, d2);
    Origin memory origin = Origin(block.chainid, address(log), log.size(), log.root(), log.edge(), heads);

    vm.recordLogs();
    (registry, log) = deployPair(origin);
    _assertOriginEmitted(vm.getRecordedLogs(), origin);
    enrol(2, PLATFORM);
    enrolBound(3, STEEL);
    vm.assertEq(log.root(), origin.root);
    _assertHead(STEEL, 1, s1, d1);
    _assertHead(POWER, 2, s2, d2);
    // A key named at application counts from the next sequence on.
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, s1));
    vm.assertTrue(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, s1 + 1));
    for (uint256 i = count + 1; i < leaves.length; i++) {
      leaves[i] = _appendAndHash(STEEL, 1);
    }
    vm.assertEq(log.root(), Readable.root(leaves));
  }

  function test_a_false_origin_is_refused() external {
    appendNext(STEEL, 1);
    appendNext(STEEL, 1);
    appendNext(POWER, 1);
    _assertOriginAccepted(_origin(), true);

    Origin memory origin = _origin();
    origin.root = "another";
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.size = 2;
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.size = 0;
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.edge = new bytes32[](3);
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.edge = new bytes32[](3);
    (origin.edge[0], origin.edge[1]) = (_origin().edge[0], _origin().edge[1]);
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.edge[0] = "another";
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.heads = new Head[](1);
    origin.heads[0] = _origin().heads[0];
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.heads[1].sequence = 2;
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.heads[1] = Head(1, STEEL, 1, "named twice");
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.heads[1].kind = 3;
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.heads[1].organization = 0;
    _assertOriginAccepted(origin, false);
    origin = _origin();
    origin.heads[1].organization = MAX + 1;
    _assertOriginAccepted(origin, false);
  }

  function test_an_origin_at_the_bounds_is_accepted_and_one_beyond_is_not() external {
    bytes32[] memory edge = new bytes32[](53);
    bytes32 root = edge[52];
    for (uint256 i = 52; i > 0; i--) {
      root = Readable.inner(edge[i - 1], root);
    }
    Head[] memory heads = new Head[](1);
    heads[0] = Head(2, MAX, MAX, "head");
    _assertOriginAccepted(Origin(1, address(1), MAX, root, edge, heads), true);
    _assertOriginAccepted(Origin(1, address(1), MAX + 1, 0, new bytes32[](1), heads), false);
  }

  function test_the_log_and_its_sequences_end_at_2_to_the_53_less_one() external {
    // A log of 2^53 − 2 entries, all of one organization: one more fits, then none.
    uint64 size = MAX - 1;
    bytes32[] memory edge = new bytes32[](52);
    for (uint256 i = 0; i < 52; i++) {
      edge[i] = keccak256(abi.encode(i));
    }
    bytes32 root = edge[51];
    for (uint256 i = 51; i > 0; i--) {
      root = Readable.inner(edge[i - 1], root);
    }
    Head[] memory heads = new Head[](1);
    heads[0] = Head(1, STEEL, size, "head");
    (registry, log) = deployPair(Origin(1, address(1), size, root, edge, heads));
    enrol(2, PLATFORM);
    enrolBound(3, STEEL);
    enrolBound(3, POWER);

    SignedEntry[] memory two = new SignedEntry[](2);
    two[0] = nextEntry(STEEL, 1, "a");
    two[1] = nextEntry(POWER, 1, "a");
    appendRefused(two, abi.encodeWithSelector(IEvidenceLog.LogFull.selector, size));
    appendNext(STEEL, 1);
    vm.assertEq(log.size(), MAX);
    vm.assertEq(log.edge().length, 53);
    appendRefused(list(nextEntry(POWER, 1, "a")), abi.encodeWithSelector(IEvidenceLog.LogFull.selector, MAX));
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, MAX + 1));
  }

  // Short ways

  function _keyRefused(uint256 place, uint64 organization, uint32 kind, uint64 sequence, uint256 key)
    private
    pure
    returns (bytes memory)
  {
    return abi.encodeWithSelector(
      IEvidenceLog.EntryKeyRefused.selector, place, organization, kind, sequence, vm.addr(key)
    );
  }

  function _assertHead(uint64 organization, uint32 kind, uint64 sequence, bytes32 digest) private view {
    (uint64 sequenceNow, bytes32 digestNow) = log.head(organization, kind);
    vm.assertEq(sequenceNow, sequence);
    vm.assertEq(digestNow, digest);
  }

  function _assertUntouched() private view {
    vm.assertEq(log.size(), 0);
    vm.assertEq(log.root(), sha256(""));
    _assertHead(STEEL, 1, 0, 0);
  }

  function _appendAndHash(uint64 organization, uint32 kind) private returns (bytes32) {
    appendNext(organization, kind);
    (uint64 sequence, bytes32 digest) = log.head(organization, kind);
    return Readable.leaf(kind, organization, sequence, digest);
  }

  function _origin() private view returns (Origin memory) {
    Head[] memory heads = new Head[](2);
    (uint64 s1, bytes32 d1) = log.head(STEEL, 1);
    (uint64 s2, bytes32 d2) = log.head(POWER, 1);
    heads[0] = Head(1, STEEL, s1, d1);
    heads[1] = Head(1, POWER, s2, d2);
    return Origin(block.chainid, address(log), log.size(), log.root(), log.edge(), heads);
  }

  function _assertOriginAccepted(Origin memory origin, bool accepted) private {
    address expected = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
    bytes memory registryCode =
      bytes.concat(vm.getCode("OrganizationRegistry.sol"), abi.encode(firstRegulator(), expected));
    address newRegistry = _create(registryCode);
    address created = _create(bytes.concat(vm.getCode("EvidenceLog.sol"), abi.encode(newRegistry, origin)));
    vm.assertEq(created != address(0), accepted);
  }

  function _create(bytes memory code) private returns (address created) {
    assembly ("memory-safe") { created := create(0, add(code, 32), mload(code)) }
  }

  function _assertOriginEmitted(Vm.Log[] memory events, Origin memory origin) private view {
    uint256 at_ = events.length - 1 - origin.heads.length;
    vm.assertEq(events[at_].topics[0], keccak256("Succeeded(uint256,address,uint64,bytes32)"));
    vm.assertEq(keccak256(events[at_].data), keccak256(abi.encode(origin.chainId, origin.size, origin.root)));
    for (uint256 i = 0; i < origin.heads.length; i++) {
      Head memory carried = origin.heads[i];
      vm.assertEq(events[at_ + 1 + i].topics[0], keccak256("HeadCarried(uint32,uint64,uint64,bytes32)"));
      vm.assertEq(uint256(events[at_ + 1 + i].topics[2]), carried.organization);
      vm.assertEq(keccak256(events[at_ + 1 + i].data), keccak256(abi.encode(carried.sequence, carried.digest)));
    }
    vm.assertEq(log.size(), origin.size);
  }
}
