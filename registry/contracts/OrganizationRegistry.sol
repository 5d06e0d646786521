// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Acts} from "./Acts.sol";
import {IEvidenceLog} from "./interfaces/IEvidenceLog.sol";

import {
  AddKey,
  ApplicationView,
  Apply,
  Approve,
  ApproveRecovery,
  ConfirmBinding,
  FirstRegulator,
  IOrganizationRegistry,
  KeyView,
  ObjectRecovery,
  OrganizationView,
  Recover,
  RecoveryView,
  Refuse,
  Reinstate,
  RequestBinding,
  RevokeKey,
  RotateKey,
  Suspend,
  Unbind
} from "./interfaces/IOrganizationRegistry.sol";
import {KeyRecord, KeyRecords} from "./KeyRecord.sol";
import {SignedActs} from "./SignedActs.sol";
import {TypedDomain} from "./TypedDomain.sol";

/// @title The registry of organizations (组织登记); what it promises is told in IOrganizationRegistry
contract OrganizationRegistry is SignedActs {
  uint8 private constant REGULATOR = 1;
  uint8 private constant PLATFORM = 2;
  uint8 private constant LAST_KIND = 7;

  uint8 private constant BATCHES = 1;
  uint8 private constant DOCUMENTS = 2;
  uint8 private constant ACTS = 3;

  uint64 private constant MAX_SEQUENCE = 2 ** 53 - 1;

  /// @inheritdoc IOrganizationRegistry
  uint64 public constant APPLICATION_LIFETIME = 90 days;
  /// @inheritdoc IOrganizationRegistry
  uint64 public constant MAX_OPEN_APPLICATIONS = 4096;
  /// @inheritdoc IOrganizationRegistry
  uint64 public constant RECOVERY_DELAY = 7 days;

  IEvidenceLog private immutable _log;

  struct Application {
    bytes32 profile;
    address key;
    uint8 kind;
    uint64 lapses;
    address recovery;
    address batchKey;
    address documentKey;
  }

  /// @dev One slot for all that the log asks, then the rest.
  struct Organization {
    uint8 kind;
    bool suspended;
    uint64 platform;
    uint64 requested;
    uint32 actKeys;
    uint32 epoch;
    address recovery;
    bytes32 profile;
  }

  uint64 private _organizationCount;
  uint64 private _openCount;
  mapping(bytes32 application => Application) private _applications;
  mapping(address key => bytes32 application) private _openOf;
  mapping(uint64 organization => Organization) private _organizations;
  mapping(address key => KeyRecord) private _keys;
  mapping(uint64 organization => address[]) private _keysOf;
  mapping(uint64 organization => RecoveryView) private _recoveries;

  /// @param first becomes organization 1, a regulator.
  /// @param log_ the evidence log, which is deployed right after, at the address known beforehand; its constructor
  /// fails if this does not name it. So neither contract has a setter.
  constructor(FirstRegulator memory first, IEvidenceLog log_) TypedDomain("Tanlian Organization Registry", "1") {
    _log = log_;
    if (first.key == address(0)) revert KeyInvalid(first.key);
    _register(REGULATOR, first.profile, first.key, first.recovery);
  }

  // Applications

  /// @inheritdoc IOrganizationRegistry
  function submitApplication(Apply calldata act, bytes calldata signatures) external returns (bytes32 application) {
    uint256 consents = (act.batchKey == address(0) ? 0 : 1) + (act.documentKey == address(0) ? 0 : 1);
    address signer;
    (signer, application) =
      _useAct(keccak256(abi.encode(Acts.APPLY, act)), act.nonce, act.expires, signatures, consents);
    if (signer != act.key) revert ActSignatureInvalid(0, act.key, signer);
    if (act.batchKey != address(0)) _checkConsent(application, signatures, 1, act.batchKey);
    if (act.documentKey != address(0)) _checkConsent(application, signatures, consents, act.documentKey);
    if (act.kind == 0 || act.kind > LAST_KIND) revert ApplicationKindUnknown(act.kind);
    if (_openOf[act.key] != 0) revert ApplicationOpen(act.key, _openOf[act.key]);
    if (_openCount >= MAX_OPEN_APPLICATIONS) revert ApplicationsFull(_openCount);
    _checkKeysOfApplication(act);

    uint64 lapses = uint64(block.timestamp) + APPLICATION_LIFETIME;
    _applications[application] = Application({
      profile: act.profile,
      key: act.key,
      kind: act.kind,
      lapses: lapses,
      recovery: act.recovery,
      batchKey: act.batchKey,
      documentKey: act.documentKey
    });
    _openOf[act.key] = application;
    _openCount++;
    emit Applied(application, act.kind, act.profile, act.key, act.recovery, act.batchKey, act.documentKey, lapses);
  }

  /// @inheritdoc IOrganizationRegistry
  function approve(Approve calldata act, bytes calldata signatures) external returns (uint64 organization) {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.APPROVE, act)), act.nonce, act.expires, signatures, 0);
    _authorizeRegulator(act.organization, signer);
    Application memory application = _applications[act.application];
    if (application.kind == 0) revert ApplicationUnknown(act.application);
    if (block.timestamp > application.lapses) revert ApplicationLapsed(act.application, application.lapses);

    _close(act.application, application.key);
    emit Approved(act.application, _organizationCount + 1, act.organization, act.reason);
    organization = _register(application.kind, application.profile, application.key, application.recovery);
    if (application.batchKey != address(0)) _addFirstLogKey(organization, application.batchKey, BATCHES);
    if (application.documentKey != address(0)) _addFirstLogKey(organization, application.documentKey, DOCUMENTS);
  }

  /// @inheritdoc IOrganizationRegistry
  function refuse(Refuse calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.REFUSE, act)), act.nonce, act.expires, signatures, 0);
    _authorizeRegulator(act.organization, signer);
    Application storage application = _applications[act.application];
    if (application.kind == 0) revert ApplicationUnknown(act.application);

    _close(act.application, application.key);
    emit Refused(act.application, act.organization, act.reason);
  }

  /// @inheritdoc IOrganizationRegistry
  function lapse(bytes32 id) external {
    Application storage application = _applications[id];
    if (application.kind == 0) revert ApplicationUnknown(id);
    if (block.timestamp <= application.lapses) revert ApplicationNotLapsed(id, application.lapses);

    _close(id, application.key);
    emit Lapsed(id);
  }

  // Binding

  /// @inheritdoc IOrganizationRegistry
  function requestBinding(RequestBinding calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.REQUEST_BINDING, act)), act.nonce, act.expires, signatures, 0);
    Organization storage enterprise = _authorize(act.organization, signer);
    _checkActive(act.organization, enterprise);
    if (enterprise.platform != 0) revert BindingExists(act.organization, enterprise.platform);
    Organization storage platform = _known(act.platform);
    if (platform.kind != PLATFORM) revert OrganizationKindWrong(act.platform, PLATFORM, platform.kind);
    if (act.platform == act.organization) revert OrganizationIsActor(act.organization);
    if (platform.suspended) revert OrganizationSuspended(act.platform);

    enterprise.requested = act.platform;
    emit BindingRequested(act.organization, act.platform);
  }

  /// @inheritdoc IOrganizationRegistry
  function confirmBinding(ConfirmBinding calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.CONFIRM_BINDING, act)), act.nonce, act.expires, signatures, 0);
    _checkActive(act.organization, _authorize(act.organization, signer));
    Organization storage enterprise = _known(act.enterprise);
    if (enterprise.requested != act.organization) revert BindingNotRequested(act.enterprise, act.organization);
    if (enterprise.suspended) revert OrganizationSuspended(act.enterprise);

    enterprise.requested = 0;
    enterprise.platform = act.organization;
    emit Bound(act.enterprise, act.organization);
  }

  /// @inheritdoc IOrganizationRegistry
  function unbind(Unbind calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.UNBIND, act)), act.nonce, act.expires, signatures, 0);
    _authorize(act.organization, signer);
    Organization storage enterprise = _known(act.enterprise);
    bool isSide = act.organization == act.enterprise || act.organization == act.platform;
    bool isTied = enterprise.platform == act.platform || enterprise.requested == act.platform;
    if (!isSide || !isTied || act.platform == 0) revert BindingUnknown(act.enterprise, act.platform);

    // An organization that is bound has no open request, so one of the two is zero already.
    enterprise.platform = 0;
    enterprise.requested = 0;
    emit Unbound(act.enterprise, act.platform, act.organization, act.reason);
  }

  // Keys

  /// @inheritdoc IOrganizationRegistry
  function addKey(AddKey calldata act, bytes calldata signatures) external {
    (address signer, bytes32 digest) =
      _useAct(keccak256(abi.encode(Acts.ADD_KEY, act)), act.nonce, act.expires, signatures, 1);
    Organization storage organization = _authorize(act.organization, signer);
    _checkActive(act.organization, organization);
    _checkConsent(digest, signatures, 1, act.key);
    _checkFreeKey(act.key, organization.recovery);
    if (act.purpose == ACTS) {
      if (act.from != 0 || act.to != 0) revert KeyRangeInvalid(act.from, act.to);
    } else {
      if (act.purpose != BATCHES && act.purpose != DOCUMENTS) revert KeyPurposeUnknown(act.purpose);
      if (act.from > act.to || act.to > MAX_SEQUENCE) revert KeyRangeInvalid(act.from, act.to);
      _checkUnused(act.organization, act.purpose, act.from);
    }

    _bindKey(act.organization, act.key, act.purpose, act.from, act.to);
  }

  /// @inheritdoc IOrganizationRegistry
  function rotateKey(RotateKey calldata act, bytes calldata signatures) external {
    (address signer, bytes32 digest) =
      _useAct(keccak256(abi.encode(Acts.ROTATE_KEY, act)), act.nonce, act.expires, signatures, 1);
    Organization storage organization = _authorize(act.organization, signer);
    _checkActive(act.organization, organization);
    _checkConsent(digest, signatures, 1, act.newKey);
    _checkFreeKey(act.newKey, organization.recovery);
    KeyRecord old = _ownKey(act.organization, act.oldKey);
    uint8 purpose = old.purpose();
    uint64 to = old.to();
    if (purpose == ACTS) {
      if (act.from != 0) revert KeyRangeInvalid(act.from, to);
    } else {
      if (act.from < old.from() || act.from > to) revert KeyRangeInvalid(act.from, to);
      _checkUnused(act.organization, purpose, act.from);
    }

    _endKey(act.oldKey, old, purpose == ACTS ? 0 : act.from - 1);
    _bindKey(act.organization, act.newKey, purpose, act.from, to);
  }

  /// @inheritdoc IOrganizationRegistry
  function revokeKey(RevokeKey calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.REVOKE_KEY, act)), act.nonce, act.expires, signatures, 0);
    Organization storage organization = _authorize(act.organization, signer);
    KeyRecord key = _ownKey(act.organization, act.key);
    if (key.purpose() == ACTS) {
      if (act.last != 0) revert KeyRangeInvalid(0, act.last);
      if (organization.actKeys == 1) revert KeyLast(act.organization, act.key);
    } else {
      if (act.last >= key.to()) revert KeyEnded(act.key, key.to());
      uint64 head = _head(act.organization, key.purpose());
      if (act.last < head) revert KeyRangeUsed(head, act.last);
    }

    _endKey(act.key, key, act.last);
  }

  // Recovery

  /// @inheritdoc IOrganizationRegistry
  function recover(Recover calldata act, bytes calldata signatures) external {
    (address signer, bytes32 digest) =
      _useAct(keccak256(abi.encode(Acts.RECOVER, act)), act.nonce, act.expires, signatures, 1);
    Organization storage organization = _known(act.organization);
    if (signer != organization.recovery) revert ActKeyRefused(act.organization, signer);
    _checkConsent(digest, signatures, 1, act.newKey);

    _recoverTo(act.organization, organization, act.newKey, act.newRecovery);
  }

  /// @inheritdoc IOrganizationRegistry
  function approveRecovery(ApproveRecovery calldata act, bytes calldata signatures) external {
    (address signer, bytes32 digest) =
      _useAct(keccak256(abi.encode(Acts.APPROVE_RECOVERY, act)), act.nonce, act.expires, signatures, 1);
    _authorizeRegulator(act.organization, signer);
    _known(act.subject);
    if (act.subject == act.organization) revert OrganizationIsActor(act.organization);
    _checkConsent(digest, signatures, 1, act.newKey);
    _checkRecovery(act.newRecovery, act.newKey);
    _checkFreeKey(act.newKey, act.newRecovery);

    uint64 effective = uint64(block.timestamp) + RECOVERY_DELAY;
    _recoveries[act.subject] = RecoveryView({newKey: act.newKey, newRecovery: act.newRecovery, effective: effective});
    emit RecoveryApproved(act.subject, act.organization, act.newKey, act.newRecovery, act.reason, effective);
  }

  /// @inheritdoc IOrganizationRegistry
  function objectRecovery(ObjectRecovery calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.OBJECT_RECOVERY, act)), act.nonce, act.expires, signatures, 0);
    if (signer != _known(act.organization).recovery) _authorize(act.organization, signer);
    RecoveryView storage recovery = _recoveries[act.organization];
    if (recovery.effective == 0 || recovery.newKey != act.newKey) {
      revert RecoveryUnknown(act.organization, act.newKey);
    }

    delete _recoveries[act.organization];
    emit RecoveryObjected(act.organization, act.newKey, signer);
  }

  /// @inheritdoc IOrganizationRegistry
  function completeRecovery(uint64 id) external {
    RecoveryView memory recovery = _recoveries[id];
    if (recovery.effective == 0) revert RecoveryUnknown(id, address(0));
    if (block.timestamp < recovery.effective) revert RecoveryNotYet(id, recovery.effective);

    _recoverTo(id, _organizations[id], recovery.newKey, recovery.newRecovery);
  }

  // Suspension

  /// @inheritdoc IOrganizationRegistry
  function suspend(Suspend calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.SUSPEND, act)), act.nonce, act.expires, signatures, 0);
    _authorizeRegulator(act.organization, signer);
    Organization storage subject = _known(act.subject);
    if (act.subject == act.organization) revert OrganizationIsActor(act.organization);
    if (subject.suspended) revert OrganizationSuspended(act.subject);

    subject.suspended = true;
    emit Suspended(act.subject, act.organization, act.reason);
  }

  /// @inheritdoc IOrganizationRegistry
  function reinstate(Reinstate calldata act, bytes calldata signatures) external {
    (address signer,) = _useAct(keccak256(abi.encode(Acts.REINSTATE, act)), act.nonce, act.expires, signatures, 0);
    _authorizeRegulator(act.organization, signer);
    Organization storage subject = _known(act.subject);
    if (!subject.suspended) revert OrganizationNotSuspended(act.subject);

    subject.suspended = false;
    emit Reinstated(act.subject, act.organization, act.reason);
  }

  // Views

  /// @inheritdoc IOrganizationRegistry
  function keyValid(uint64 organization, address key, uint32 kind, uint64 sequence) public view returns (bool) {
    KeyRecord record = _keys[key];
    // A key for acts has purpose 3, so it never fits; an unknown one has purpose 0.
    return record.organization() == organization && record.purpose() == kind && (kind == BATCHES || kind == DOCUMENTS)
      && record.from() <= sequence && sequence <= record.to();
  }

  /// @inheritdoc IOrganizationRegistry
  function entryRefusal(uint64 organization, address key, uint32 kind, uint64 sequence)
    external
    view
    returns (uint256)
  {
    if (!keyValid(organization, key, kind, sequence)) return 1;
    Organization storage stored = _organizations[organization];
    if (stored.suspended) return 2;
    if (kind == BATCHES && stored.platform == 0) return 3;
    return 0;
  }

  /// @inheritdoc IOrganizationRegistry
  function isBound(uint64 organization) external view returns (bool) {
    return _organizations[organization].platform != 0;
  }

  /// @inheritdoc IOrganizationRegistry
  function keysOf(uint64 organization) external view returns (address[] memory) {
    return _keysOf[organization];
  }

  /// @inheritdoc IOrganizationRegistry
  function keyOf(address key) external view returns (KeyView memory) {
    KeyRecord record = _keys[key];
    bool active = record.purpose() == ACTS
      ? _isActKey(record)
      : record.purpose() != 0 && record.from() <= record.to()
        && record.to() > _head(record.organization(), record.purpose());
    return KeyView(record.organization(), record.purpose(), record.from(), record.to(), active);
  }

  /// @inheritdoc IOrganizationRegistry
  function organizationOf(uint64 organization) external view returns (OrganizationView memory) {
    Organization storage stored = _organizations[organization];
    return
      OrganizationView(
        stored.kind, stored.suspended, stored.platform, stored.requested, stored.recovery, stored.profile
      );
  }

  /// @inheritdoc IOrganizationRegistry
  function applicationOf(bytes32 application) external view returns (ApplicationView memory) {
    Application storage stored = _applications[application];
    return ApplicationView(
      stored.kind, stored.profile, stored.key, stored.recovery, stored.batchKey, stored.documentKey, stored.lapses
    );
  }

  /// @inheritdoc IOrganizationRegistry
  function recoveryOf(uint64 organization) external view returns (RecoveryView memory) {
    return _recoveries[organization];
  }

  /// @inheritdoc IOrganizationRegistry
  function organizations() external view returns (uint64) {
    return _organizationCount;
  }

  /// @inheritdoc IOrganizationRegistry
  function openApplications() external view returns (uint64) {
    return _openCount;
  }

  /// @inheritdoc IOrganizationRegistry
  function log() external view returns (address) {
    return address(_log);
  }

  // Authority

  function _known(uint64 id) private view returns (Organization storage organization) {
    organization = _organizations[id];
    if (organization.kind == 0) revert OrganizationUnknown(id);
  }

  /// @dev A key for acts counts while its epoch is its organization's: a recovery ends all of them at once.
  function _isActKey(KeyRecord key) private view returns (bool) {
    return key.purpose() == ACTS && !key.ended() && key.epoch() == _organizations[key.organization()].epoch;
  }

  function _authorize(uint64 id, address signer) private view returns (Organization storage organization) {
    KeyRecord key = _keys[signer];
    if (key.organization() != id || !_isActKey(key)) revert ActKeyRefused(id, signer);
    return _organizations[id];
  }

  function _authorizeRegulator(uint64 id, address signer) private view {
    Organization storage regulator = _authorize(id, signer);
    if (regulator.kind != REGULATOR) revert OrganizationKindWrong(id, REGULATOR, regulator.kind);
    _checkActive(id, regulator);
  }

  function _checkActive(uint64 id, Organization storage organization) private view {
    if (organization.suspended) revert ActOrganizationSuspended(id);
  }

  // Changes

  function _register(uint8 kind, bytes32 profile, address key, address recovery) private returns (uint64 id) {
    _checkRecovery(recovery, key);
    _checkFreeKey(key, recovery);
    id = ++_organizationCount;
    Organization storage organization = _organizations[id];
    organization.kind = kind;
    organization.recovery = recovery;
    organization.profile = profile;
    emit Registered(id, kind, profile, recovery);
    _bindKey(id, key, ACTS, 0, 0);
  }

  function _close(bytes32 id, address key) private {
    delete _applications[id];
    delete _openOf[key];
    _openCount--;
  }

  function _recoverTo(uint64 id, Organization storage organization, address newKey, address newRecovery) private {
    _checkRecovery(newRecovery, newKey);
    _checkFreeKey(newKey, newRecovery);
    delete _recoveries[id];
    organization.recovery = newRecovery;
    organization.epoch++;
    organization.actKeys = 0;
    emit Recovered(id, newRecovery);
    _bindKey(id, newKey, ACTS, 0, 0);
  }

  /// @dev From the next sequence on: in a registry beside a successor log the first ones are in the log already.
  function _addFirstLogKey(uint64 id, address key, uint8 purpose) private {
    _checkFreeKey(key, _organizations[id].recovery);
    _bindKey(id, key, purpose, _head(id, purpose) + 1, MAX_SEQUENCE);
  }

  function _bindKey(uint64 id, address key, uint8 purpose, uint64 from, uint64 to) private {
    Organization storage organization = _organizations[id];
    _keys[key] = KeyRecords.pack(id, from, to, organization.epoch, purpose);
    _keysOf[id].push(key);
    if (purpose == ACTS) organization.actKeys++;
    emit KeyAdded(id, key, purpose, from, to);
  }

  function _endKey(address key, KeyRecord record, uint64 last) private {
    uint64 id = record.organization();
    bool isForActs = record.purpose() == ACTS;
    _keys[key] = isForActs ? record.withEnd() : record.withTo(last);
    if (isForActs) _organizations[id].actKeys--;
    emit KeyRevoked(id, key, record.purpose(), last);
  }

  // Rules

  function _ownKey(uint64 id, address key) private view returns (KeyRecord record) {
    record = _keys[key];
    if (record.organization() != id) revert KeyUnknown(id, key);
    if (record.purpose() == ACTS && !_isActKey(record)) revert KeyEnded(key, 0);
  }

  /// @dev Belongs to nobody yet, and is not the recovery address: a key has one purpose.
  function _checkFreeKey(address key, address recovery) private view {
    if (_keys[key].purpose() != 0) revert KeyTaken(key, _keys[key].organization());
    if (key == recovery) revert KeyInvalid(key);
  }

  function _checkRecovery(address recovery, address key) private view {
    if (recovery == address(0) || recovery == key) revert KeyInvalid(recovery);
    if (_keys[recovery].purpose() != 0) revert KeyTaken(recovery, _keys[recovery].organization());
  }

  function _checkKeysOfApplication(Apply calldata act) private view {
    _checkRecovery(act.recovery, act.key);
    _checkFreeKey(act.key, act.recovery);
    if (act.batchKey != address(0)) {
      _checkFreeKey(act.batchKey, act.recovery);
      if (act.batchKey == act.key || act.batchKey == act.documentKey) revert KeyInvalid(act.batchKey);
    }
    if (act.documentKey != address(0)) {
      _checkFreeKey(act.documentKey, act.recovery);
      if (act.documentKey == act.key) revert KeyInvalid(act.documentKey);
    }
  }

  function _checkUnused(uint64 id, uint8 purpose, uint64 from) private view {
    uint64 head = _head(id, purpose);
    if (from <= head) revert KeyRangeUsed(head, from);
  }

  function _head(uint64 id, uint8 purpose) private view returns (uint64 sequence) {
    (sequence,) = _log.head(id, purpose);
  }
}
