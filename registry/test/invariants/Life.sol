// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignedEntry} from "../../contracts/interfaces/IEvidenceLog.sol";
import {Apply} from "../../contracts/interfaces/IOrganizationRegistry.sol";
import {Parties} from "../base/Parties.sol";
import {Readable} from "../base/Readable.sol";
import {Vm} from "../base/Test.sol";

/// @dev What parties do with a registry and its log, right and wrong, in any order. Beside it stands a model folded
/// from the events alone; it foretells which entries the log takes. No action ever reverts.
contract Life is Parties {
  uint64 internal constant FIRST = 3;
  uint64 internal constant COUNT = 4;
  uint256 internal constant SPARE_KEYS = 12;

  struct Range {
    uint64 organization;
    uint8 purpose;
    uint64 from;
    uint64 to;
  }

  struct Taken {
    uint32 kind;
    uint64 organization;
    uint64 sequence;
    bytes32 digest;
    address key;
  }

  // The model: what events said, and what was appended.
  mapping(uint64 organization => uint64 platform) public boundTo;
  mapping(uint64 organization => bool) public suspended;
  mapping(address key => Range) internal ranges;
  mapping(uint64 organization => address[]) internal keysOf;
  mapping(uint64 organization => mapping(uint32 kind => uint64)) public heads;
  Taken[] internal taken;
  uint64 public registered;

  /// @notice Whether the log ever decided otherwise than the model.
  string public contradiction;

  constructor() {
    vm.recordLogs();
    deploy();
    for (uint64 owner = FIRST; owner < FIRST + COUNT; owner++) {
      enrol(3, owner);
    }
    bind(FIRST, PLATFORM);
    bind(FIRST + 1, PLATFORM);
    _fold();
  }

  // Actions

  function appendSome(uint8 organizationSeed, uint8 kindSeed, uint8 count) external {
    uint64 organization = _organization(organizationSeed);
    uint32 kind = 1 + kindSeed % 2;
    SignedEntry[] memory entries = new SignedEntry[](1 + count % 7);
    uint256 key = secret(organization, uint8(kind));
    bool expected = true;
    for (uint64 i = 0; i < entries.length; i++) {
      uint64 sequence = heads[organization][kind] + 1 + i;
      entries[i] = signedEntry(key, kind, organization, sequence, keccak256(abi.encode(taken.length, i)));
      expected = expected && _mayAppend(organization, vm.addr(key), kind, sequence, i);
    }
    _append(entries, vm.addr(key), expected);
  }

  function appendAnything(uint8 organizationSeed, uint8 keySeed, uint8 kindSeed, uint8 sequenceSeed) external {
    uint64 organization = _organization(organizationSeed);
    uint32 kind = kindSeed % 4;
    uint64 next = heads[organization][kind] + 1;
    uint64 sequence = sequenceSeed % 8 == 0 ? next + 1 : sequenceSeed % 8 == 1 ? next - 1 : next;
    uint256 key = keySeed % 4 == 0 ? secret(_organization(keySeed / 4), 1 + keySeed % 3) : other(keySeed % SPARE_KEYS);
    SignedEntry[] memory entries =
      list(signedEntry(key, kind, organization, sequence, keccak256(abi.encode(taken.length))));
    _append(entries, vm.addr(key), _mayAppend(organization, vm.addr(key), kind, sequence, 0));
  }

  function request(uint8 organizationSeed) external {
    _try(requestCall(_organization(organizationSeed), PLATFORM));
  }

  function confirm(uint8 organizationSeed) external {
    _try(confirmCall(PLATFORM, _organization(organizationSeed)));
  }

  function unbind(uint8 organizationSeed, bool byPlatform) external {
    uint64 organization = _organization(organizationSeed);
    _try(unbindCall(byPlatform ? PLATFORM : organization, organization, PLATFORM));
  }

  function suspend(uint8 organizationSeed) external {
    // Rarely, or hardly anything would be appended.
    if (organizationSeed % 3 == 0) _try(suspendCall(REGULATOR, _organization(organizationSeed / 3)));
  }

  function reinstate(uint8 organizationSeed) external {
    _try(reinstateCall(REGULATOR, _organization(organizationSeed)));
  }

  function addKey(uint8 organizationSeed, uint8 keySeed, uint8 purposeSeed, uint8 ahead, uint8 length) external {
    uint64 organization = _organization(organizationSeed);
    uint8 purpose = 1 + purposeSeed % 2;
    uint64 from = heads[organization][purpose] + ahead % 4;
    _try(addCall(organization, other(keySeed % SPARE_KEYS), purpose, from, from + length % 16));
  }

  function revokeKey(uint8 organizationSeed, uint8 keySeed, uint8 lastSeed) external {
    uint64 organization = _organization(organizationSeed);
    uint8 purpose = 1 + keySeed % 2;
    uint256 key = keySeed < 64 ? secret(organization, purpose) : other(keySeed % SPARE_KEYS);
    uint64 head = heads[organization][purpose];
    _try(revokeCall(organization, key, lastSeed % 4 == 0 && head > 0 ? head - 1 : head + lastSeed % 8));
  }

  function rotateKey(uint8 organizationSeed, uint8 keySeed, uint8 newSeed, uint8 ahead) external {
    uint64 organization = _organization(organizationSeed);
    uint8 purpose = 1 + keySeed % 2;
    uint256 key = keySeed < 128 ? secret(organization, purpose) : other(keySeed % SPARE_KEYS);
    _try(rotateCall(organization, key, other(newSeed % SPARE_KEYS), heads[organization][purpose] + ahead % 6));
  }

  function recover(uint8 organizationSeed, uint8 newSeed) external {
    if (newSeed % 8 != 0) return;
    uint64 organization = _organization(organizationSeed);
    uint256 newKey = uint256(keccak256(abi.encode("act key", registry.keysOf(organization).length, organization)));
    uint256 recovery = secret(organization, RECOVERY);
    if (_try(recoverCall(organization, recovery, newKey, vm.addr(recovery)))) newActKey[organization] = newKey;
  }

  function register(uint8 seed) external {
    if (seed % 16 == 0) _try(applyCall(application(1 + seed % 7, registered + 1), registered + 1));
    if (seed % 16 == 1) _try(approveCall(REGULATOR, applicationId(_lastApplication())));
  }

  // What the laws ask

  function expectedRoot() external view returns (bytes32) {
    bytes32[] memory leaves = new bytes32[](taken.length);
    for (uint256 i = 0; i < leaves.length; i++) {
      leaves[i] = Readable.leaf(taken[i].kind, taken[i].organization, taken[i].sequence, taken[i].digest);
    }
    return Readable.root(leaves);
  }

  function takenCount() external view returns (uint256) {
    return taken.length;
  }

  function allTaken() external view returns (Taken[] memory) {
    return taken;
  }

  function keysOfModel(uint64 organization) external view returns (address[] memory) {
    return keysOf[organization];
  }

  function rangeOf(address key) external view returns (Range memory) {
    return ranges[key];
  }

  function pair() external view returns (address, address) {
    return (address(registry), address(log));
  }

  // Inside

  function _organization(uint8 seed) private pure returns (uint64) {
    return FIRST + seed % COUNT;
  }

  function _lastApplication() private view returns (Apply memory act) {
    uint64 owner = registered + 1;
    act = application(1, owner);
    if (act.nonce > 0) act.nonce--;
  }

  function _mayAppend(uint64 organization, address key, uint32 kind, uint64 sequence, uint64 ahead)
    private
    view
    returns (bool)
  {
    Range memory range = ranges[key];
    return (kind == 1 || kind == 2) && sequence == heads[organization][kind] + 1 + ahead
      && range.organization == organization && range.purpose == kind && range.from <= sequence && sequence <= range.to
      && !suspended[organization] && (kind == 2 || boundTo[organization] != 0);
  }

  function _append(SignedEntry[] memory entries, address key, bool expected) private {
    (bool ok,) = address(log).call(abi.encodeCall(log.append, (entries)));
    if (ok != expected) contradiction = ok ? "an entry was taken that must not be" : "a good entry was refused";
    if (!ok) return;
    for (uint256 i = 0; i < entries.length; i++) {
      SignedEntry memory entry = entries[i];
      heads[entry.organization][entry.kind] = entry.sequence;
      taken.push(Taken(entry.kind, entry.organization, entry.sequence, entry.digest, key));
    }
  }

  function _try(bytes memory call_) private returns (bool ok) {
    (ok,) = address(registry).call(call_);
    _fold();
  }

  function _fold() private {
    Vm.Log[] memory events = vm.getRecordedLogs();
    for (uint256 i = 0; i < events.length; i++) {
      if (events[i].emitter == address(registry)) _foldOne(events[i]);
    }
  }

  function _foldOne(Vm.Log memory event_) private {
    bytes32 name = event_.topics[0];
    if (name == keccak256("Registered(uint64,uint8,bytes32,address)")) registered++;
    if (event_.topics.length < 3) return;
    uint64 organization = uint64(uint256(event_.topics[1]));
    if (name == keccak256("Bound(uint64,uint64)")) boundTo[organization] = uint64(uint256(event_.topics[2]));
    if (name == keccak256("Unbound(uint64,uint64,uint64,bytes32)")) boundTo[organization] = 0;
    if (name == keccak256("Suspended(uint64,uint64,bytes32)")) suspended[organization] = true;
    if (name == keccak256("Reinstated(uint64,uint64,bytes32)")) suspended[organization] = false;
    if (event_.topics.length < 4) return;
    address key = address(uint160(uint256(event_.topics[2])));
    uint8 purpose = uint8(uint256(event_.topics[3]));
    if (name == keccak256("KeyAdded(uint64,address,uint8,uint64,uint64)")) {
      (uint64 from, uint64 to) = abi.decode(event_.data, (uint64, uint64));
      if (ranges[key].purpose != 0) contradiction = "a key was added twice";
      ranges[key] = Range(organization, purpose, from, to);
      keysOf[organization].push(key);
    }
    if (name == keccak256("KeyRevoked(uint64,address,uint8,uint64)")) {
      uint64 last = abi.decode(event_.data, (uint64));
      if (ranges[key].organization != organization) contradiction = "a key was revoked by another organization";
      if (purpose != ACTS && last >= ranges[key].to) contradiction = "a range grew";
      if (purpose != ACTS && last < heads[organization][purpose]) contradiction = "a key was revoked below the head";
      ranges[key].to = last;
    }
  }
}
