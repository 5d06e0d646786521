// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Acts} from "../../contracts/Acts.sol";
import {Head, IEvidenceLog, Origin, SignedEntry} from "../../contracts/interfaces/IEvidenceLog.sol";
import {
  AddKey,
  Apply,
  Approve,
  ApproveRecovery,
  ConfirmBinding,
  FirstRegulator,
  IOrganizationRegistry,
  ObjectRecovery,
  Recover,
  Refuse,
  Reinstate,
  RequestBinding,
  RevokeKey,
  RotateKey,
  Suspend,
  Unbind
} from "../../contracts/interfaces/IOrganizationRegistry.sol";
import {Readable} from "./Readable.sol";
import {Test} from "./Test.sol";

/// @dev A registry and a log with a regulator (1) and a platform (2), and the signed call of every act.
/// A test executes a call (`done`) or says which error refuses it (`refused`).
abstract contract Parties is Test {
  uint64 internal constant REGULATOR = 1;
  uint64 internal constant PLATFORM = 2;
  uint64 internal constant MAX = 2 ** 53 - 1;
  uint64 internal constant EXPIRES = 4_000_000_000;
  uint256 internal constant NOW = 1_700_000_000;
  bytes32 internal constant REASON = keccak256("a reason");

  uint8 internal constant BATCHES = 1;
  uint8 internal constant DOCUMENTS = 2;
  uint8 internal constant ACTS = 3;
  uint8 internal constant RECOVERY = 4;

  IOrganizationRegistry internal registry;
  IEvidenceLog internal log;
  mapping(uint64 organization => uint256 key) internal newActKey;

  function deploy() internal {
    vm.warp(NOW);
    (registry, log) = deployPair(noOrigin());
    enrol(2, PLATFORM);
  }

  function noOrigin() internal pure returns (Origin memory) {
    return Origin(0, address(0), 0, 0, new bytes32[](0), new Head[](0));
  }

  function firstRegulator() internal pure returns (FirstRegulator memory) {
    return
      FirstRegulator(vm.addr(secret(REGULATOR, ACTS)), vm.addr(secret(REGULATOR, RECOVERY)), keccak256("regulator"));
  }

  /// @dev From the artifacts, so that tests need not be compiled as the contracts are.
  function create(string memory artifact, bytes memory arguments) internal returns (address created) {
    bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
    assembly ("memory-safe") {
      created := create(0, add(code, 32), mload(code))
      if iszero(created) {
        returndatacopy(0, 0, returndatasize())
        revert(0, returndatasize())
      }
    }
  }

  function deployPair(Origin memory origin) internal returns (IOrganizationRegistry newRegistry, IEvidenceLog newLog) {
    address expected = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
    newRegistry = IOrganizationRegistry(create("OrganizationRegistry.sol", abi.encode(firstRegulator(), expected)));
    newLog = IEvidenceLog(create("EvidenceLog.sol", abi.encode(newRegistry, origin)));
  }

  // Keys and signatures

  /// @dev The private key of a party for a purpose; `owner` is the id that the party will get.
  function secret(uint64 owner, uint8 purpose) internal pure returns (uint256) {
    return uint256(keccak256(abi.encode("party", owner, purpose)));
  }

  function other(uint256 number) internal pure returns (uint256) {
    return uint256(keccak256(abi.encode("another key", number)));
  }

  function actKey(uint64 organization) internal view returns (uint256) {
    return newActKey[organization] != 0 ? newActKey[organization] : secret(organization, ACTS);
  }

  function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
    return abi.encodePacked(r, s, v);
  }

  function actDigest(bytes32 structHash) internal view returns (bytes32) {
    return
      Readable.typed(Readable.domain("Tanlian Organization Registry", block.chainid, address(registry)), structHash);
  }

  function actSigned(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
    return signed(key, actDigest(structHash));
  }

  function actSigned(uint256 key, uint256 consent, bytes32 structHash) internal view returns (bytes memory) {
    return bytes.concat(actSigned(key, structHash), actSigned(consent, structHash));
  }

  function nonceOf(uint256 key) internal view returns (uint64) {
    return registry.nonceOf(vm.addr(key));
  }

  // Outcomes

  function done(bytes memory call_) internal returns (bytes memory answer) {
    bool ok;
    (ok, answer) = address(registry).call(call_);
    if (!ok) {
      assembly ("memory-safe") { revert(add(answer, 32), mload(answer)) }
    }
  }

  function refused(bytes memory call_, bytes memory problem) internal {
    _refused(address(registry), call_, problem);
  }

  function appendRefused(SignedEntry[] memory entries, bytes memory problem) internal {
    _refused(address(log), abi.encodeCall(log.append, (entries)), problem);
  }

  function _refused(address target, bytes memory call_, bytes memory problem) private {
    (bool ok, bytes memory answer) = target.call(call_);
    vm.assertFalse(ok, "should have been refused");
    vm.assertEq(keccak256(answer), keccak256(problem), "another error");
  }

  // Entries

  function signedEntry(uint256 key, uint32 kind, uint64 organization, uint64 sequence, bytes32 digest)
    internal
    view
    returns (SignedEntry memory)
  {
    bytes32 domain = Readable.domain("Tanlian Evidence Log", block.chainid, address(log));
    (uint8 v, bytes32 r, bytes32 s) =
      vm.sign(key, Readable.typed(domain, Readable.entry(kind, organization, sequence, digest)));
    return SignedEntry(kind, organization, sequence, digest, r, s, v);
  }

  function list(SignedEntry memory entry) internal pure returns (SignedEntry[] memory entries) {
    entries = new SignedEntry[](1);
    entries[0] = entry;
  }

  /// @dev The next entry of an organization, by its own key for the kind.
  function nextEntry(uint64 organization, uint32 kind, bytes32 digest) internal view returns (SignedEntry memory) {
    (uint64 sequence,) = log.head(organization, kind);
    return signedEntry(secret(organization, uint8(kind)), kind, organization, sequence + 1, digest);
  }

  function appendNext(uint64 organization, uint32 kind) internal {
    log.append(list(nextEntry(organization, kind, keccak256(abi.encode("block", log.size())))));
  }

  // Signed calls

  function application(uint8 kind, uint64 owner) internal view returns (Apply memory) {
    return Apply({
      kind: kind,
      profile: keccak256(abi.encode("profile", owner)),
      key: vm.addr(secret(owner, ACTS)),
      recovery: vm.addr(secret(owner, RECOVERY)),
      batchKey: vm.addr(secret(owner, BATCHES)),
      documentKey: vm.addr(secret(owner, DOCUMENTS)),
      nonce: nonceOf(secret(owner, ACTS)),
      expires: EXPIRES
    });
  }

  function applicationId(Apply memory act) internal view returns (bytes32) {
    return actDigest(keccak256(abi.encode(Acts.APPLY, act)));
  }

  function applyCall(Apply memory act, uint64 owner) internal view returns (bytes memory) {
    bytes32 structHash = keccak256(abi.encode(Acts.APPLY, act));
    bytes memory signatures = actSigned(secret(owner, ACTS), structHash);
    if (act.batchKey != address(0)) {
      signatures = bytes.concat(signatures, actSigned(secret(owner, BATCHES), structHash));
    }
    if (act.documentKey != address(0)) {
      signatures = bytes.concat(signatures, actSigned(secret(owner, DOCUMENTS), structHash));
    }
    return abi.encodeCall(registry.submitApplication, (act, signatures));
  }

  function approveCall(uint64 by, bytes32 id) internal view returns (bytes memory) {
    Approve memory act = Approve(by, id, REASON, nonceOf(actKey(by)), EXPIRES);
    return abi.encodeCall(registry.approve, (act, actSigned(actKey(by), keccak256(abi.encode(Acts.APPROVE, act)))));
  }

  function refuseCall(uint64 by, bytes32 id) internal view returns (bytes memory) {
    Refuse memory act = Refuse(by, id, REASON, nonceOf(actKey(by)), EXPIRES);
    return abi.encodeCall(registry.refuse, (act, actSigned(actKey(by), keccak256(abi.encode(Acts.REFUSE, act)))));
  }

  function requestCall(uint64 by, uint64 platform) internal view returns (bytes memory) {
    RequestBinding memory act = RequestBinding(by, platform, nonceOf(actKey(by)), EXPIRES);
    bytes memory signature = actSigned(actKey(by), keccak256(abi.encode(Acts.REQUEST_BINDING, act)));
    return abi.encodeCall(registry.requestBinding, (act, signature));
  }

  function confirmCall(uint64 by, uint64 enterprise) internal view returns (bytes memory) {
    ConfirmBinding memory act = ConfirmBinding(by, enterprise, nonceOf(actKey(by)), EXPIRES);
    bytes memory signature = actSigned(actKey(by), keccak256(abi.encode(Acts.CONFIRM_BINDING, act)));
    return abi.encodeCall(registry.confirmBinding, (act, signature));
  }

  function unbindCall(uint64 by, uint64 enterprise, uint64 platform) internal view returns (bytes memory) {
    Unbind memory act = Unbind(by, enterprise, platform, REASON, nonceOf(actKey(by)), EXPIRES);
    return abi.encodeCall(registry.unbind, (act, actSigned(actKey(by), keccak256(abi.encode(Acts.UNBIND, act)))));
  }

  function addCall(uint64 by, uint256 key, uint8 purpose, uint64 from, uint64 to) internal view returns (bytes memory) {
    AddKey memory act = AddKey(by, vm.addr(key), purpose, from, to, nonceOf(actKey(by)), EXPIRES);
    bytes memory signatures = actSigned(actKey(by), key, keccak256(abi.encode(Acts.ADD_KEY, act)));
    return abi.encodeCall(registry.addKey, (act, signatures));
  }

  function rotateCall(uint64 by, uint256 oldKey, uint256 newKey, uint64 from) internal view returns (bytes memory) {
    RotateKey memory act = RotateKey(by, vm.addr(oldKey), vm.addr(newKey), from, nonceOf(actKey(by)), EXPIRES);
    bytes memory signatures = actSigned(actKey(by), newKey, keccak256(abi.encode(Acts.ROTATE_KEY, act)));
    return abi.encodeCall(registry.rotateKey, (act, signatures));
  }

  function revokeCall(uint64 by, uint256 key, uint64 last) internal view returns (bytes memory) {
    RevokeKey memory act = RevokeKey(by, vm.addr(key), last, nonceOf(actKey(by)), EXPIRES);
    return abi.encodeCall(registry.revokeKey, (act, actSigned(actKey(by), keccak256(abi.encode(Acts.REVOKE_KEY, act)))));
  }

  function recoverCall(uint64 organization, uint256 signer, uint256 newKey, address newRecovery)
    internal
    view
    returns (bytes memory)
  {
    Recover memory act = Recover(organization, vm.addr(newKey), newRecovery, nonceOf(signer), EXPIRES);
    bytes memory signatures = actSigned(signer, newKey, keccak256(abi.encode(Acts.RECOVER, act)));
    return abi.encodeCall(registry.recover, (act, signatures));
  }

  function approveRecoveryCall(uint64 by, uint64 subject, uint256 newKey, address newRecovery)
    internal
    view
    returns (bytes memory)
  {
    ApproveRecovery memory act =
      ApproveRecovery(by, subject, vm.addr(newKey), newRecovery, REASON, nonceOf(actKey(by)), EXPIRES);
    bytes memory signatures = actSigned(actKey(by), newKey, keccak256(abi.encode(Acts.APPROVE_RECOVERY, act)));
    return abi.encodeCall(registry.approveRecovery, (act, signatures));
  }

  function objectCall(uint64 organization, uint256 signer, uint256 newKey) internal view returns (bytes memory) {
    ObjectRecovery memory act = ObjectRecovery(organization, vm.addr(newKey), nonceOf(signer), EXPIRES);
    bytes memory signature = actSigned(signer, keccak256(abi.encode(Acts.OBJECT_RECOVERY, act)));
    return abi.encodeCall(registry.objectRecovery, (act, signature));
  }

  function suspendCall(uint64 by, uint64 subject) internal view returns (bytes memory) {
    Suspend memory act = Suspend(by, subject, REASON, nonceOf(actKey(by)), EXPIRES);
    return abi.encodeCall(registry.suspend, (act, actSigned(actKey(by), keccak256(abi.encode(Acts.SUSPEND, act)))));
  }

  function reinstateCall(uint64 by, uint64 subject) internal view returns (bytes memory) {
    Reinstate memory act = Reinstate(by, subject, REASON, nonceOf(actKey(by)), EXPIRES);
    return abi.encodeCall(registry.reinstate, (act, actSigned(actKey(by), keccak256(abi.encode(Acts.REINSTATE, act)))));
  }

  // Short ways

  /// @dev Applies and is approved; the id that comes out must be `owner`, whose secrets it uses.
  function enrol(uint8 kind, uint64 owner) internal {
    bytes32 id = abi.decode(done(applyCall(application(kind, owner), owner)), (bytes32));
    vm.assertEq(abi.decode(done(approveCall(REGULATOR, id)), (uint64)), owner);
  }

  function bind(uint64 organization, uint64 platform) internal {
    done(requestCall(organization, platform));
    done(confirmCall(platform, organization));
  }

  function enrolBound(uint8 kind, uint64 owner) internal {
    enrol(kind, owner);
    bind(owner, PLATFORM);
  }
}
