// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Every act below is a flat EIP-712 struct in the domain
//   {name "Tanlian Organization Registry", version "1", chainId, verifyingContract}.
// Its name is its purpose. `organization` is the id of the acting organization, `nonce` the next one of the signing
// address (`nonceOf`), `expires` the last second, in Unix time, at which it may be relayed. All digests are SHA-256 of
// a block outside the chain: no personal data is ever on it. The type strings stand in `Acts.sol`.

/// @notice Ask to be registered (申请). Signed by `key`; and by `batchKey` and `documentKey` where they are not zero.
/// @param kind of party: 1 regulator 监管, 2 platform 平台, 3 enterprise 控排企业, 4 verifier 核查机构, 5 exchange 交易机构,
///   6 laboratory 检测机构, 7 other.
/// @param profile digest of the applicant's profile document.
/// @param key the first key for acts.
/// @param recovery the address that may replace all keys for acts later; best kept off line. Not zero, not `key`.
/// @param batchKey first key for batches (entries of kind 1), from sequence 1 on; or zero.
/// @param documentKey first key for documents (entries of kind 2), from sequence 1 on; or zero.
struct Apply {
  uint8 kind;
  bytes32 profile;
  address key;
  address recovery;
  address batchKey;
  address documentKey;
  uint64 nonce;
  uint64 expires;
}

/// @notice Approve an application (批准); the applicant becomes an organization with the next id. Signed by a regulator.
/// @param application the EIP-712 digest of the applicant's Apply: content, not a number that a reorganization moves.
/// @param reason digest of the reasons.
struct Approve {
  uint64 organization;
  bytes32 application;
  bytes32 reason;
  uint64 nonce;
  uint64 expires;
}

/// @notice Refuse an application (驳回). Signed by a regulator. The applicant may apply again.
struct Refuse {
  uint64 organization;
  bytes32 application;
  bytes32 reason;
  uint64 nonce;
  uint64 expires;
}

/// @notice Ask to be bound to a platform (绑定申请). Signed by the organization that asks; replaces an earlier request.
/// @param platform id of the platform.
struct RequestBinding {
  uint64 organization;
  uint64 platform;
  uint64 nonce;
  uint64 expires;
}

/// @notice Accept a request (绑定确认). Signed by the platform.
/// @param organization the platform's id.
/// @param enterprise id of the organization that asked.
struct ConfirmBinding {
  uint64 organization;
  uint64 enterprise;
  uint64 nonce;
  uint64 expires;
}

/// @notice End a binding or a request (解绑). Signed by either side.
/// @param organization the signing side: `enterprise` or `platform`.
/// @param reason digest of the reasons.
struct Unbind {
  uint64 organization;
  uint64 enterprise;
  uint64 platform;
  bytes32 reason;
  uint64 nonce;
  uint64 expires;
}

/// @notice Add a key. Signed by a key for acts of the organization, and by the new key itself.
/// @param purpose 1 batches, 2 documents, 3 acts: a key has one purpose (safety R9).
/// @param from first sequence it may sign, above the log's head; 0 for acts.
/// @param to last sequence it may sign, at most 2^53 − 1; 0 for acts.
struct AddKey {
  uint64 organization;
  address key;
  uint8 purpose;
  uint64 from;
  uint64 to;
  uint64 nonce;
  uint64 expires;
}

/// @notice Put a new key in place of an old one, of the same purpose. Signed by a key for acts, and by the new key.
/// @param from first sequence of the new key, above the log's head and inside the old key's range: the old one ends
///   before it, the new one ends where the old one would have. 0 for acts, where the old key ends at once.
struct RotateKey {
  uint64 organization;
  address oldKey;
  address newKey;
  uint64 from;
  uint64 nonce;
  uint64 expires;
}

/// @notice End a key. Signed by a key for acts. Final: its range can not grow again.
/// @param last the last sequence it counts for, not below the log's head: what a thief signed is answered by
///   restatement, not by disowning. 0 for a key for acts, which ends at once; the only one left cannot be ended.
struct RevokeKey {
  uint64 organization;
  address key;
  uint64 last;
  uint64 nonce;
  uint64 expires;
}

/// @notice Replace all keys for acts by a new one (找回), at once. Signed by the recovery address, and by `newKey`.
/// @param newRecovery the recovery address from now on.
struct Recover {
  uint64 organization;
  address newKey;
  address newRecovery;
  uint64 nonce;
  uint64 expires;
}

/// @notice As Recover, for an organization that has lost its recovery key as well: approved by a regulator and
/// carried out after RECOVERY_DELAY unless the organization objects. Signed by the regulator, and by `newKey`.
/// @param organization the regulator's id.
/// @param subject id of the organization that is helped; never the regulator itself.
/// @param reason digest of the reasons.
struct ApproveRecovery {
  uint64 organization;
  uint64 subject;
  address newKey;
  address newRecovery;
  bytes32 reason;
  uint64 nonce;
  uint64 expires;
}

/// @notice Stop a recovery that a regulator approved. Signed by a key for acts or by the recovery address.
/// @param newKey the key that it would have brought: names the recovery that is meant.
struct ObjectRecovery {
  uint64 organization;
  address newKey;
  uint64 nonce;
  uint64 expires;
}

/// @notice Suspend an organization (暂停): its entries and its acts are refused, but those that only give up rights
/// (Unbind, RevokeKey, ObjectRecovery, Recover). Signed by a regulator. What is in the log stays valid.
/// @param organization the regulator's id.
/// @param subject id of the organization that is suspended; never the regulator itself.
struct Suspend {
  uint64 organization;
  uint64 subject;
  bytes32 reason;
  uint64 nonce;
  uint64 expires;
}

/// @notice End a suspension (恢复). Signed by a regulator.
struct Reinstate {
  uint64 organization;
  uint64 subject;
  bytes32 reason;
  uint64 nonce;
  uint64 expires;
}

/// @notice The organization that a deployment begins with.
struct FirstRegulator {
  address key;
  address recovery;
  bytes32 profile;
}

/// @notice State of an application. `lapses`: Unix time after which it can no longer be approved.
struct ApplicationView {
  uint8 kind;
  bytes32 profile;
  address key;
  address recovery;
  address batchKey;
  address documentKey;
  uint64 lapses;
}

/// @notice State of an organization. `platform`: whom it is bound to, or 0; `requested`: whom it asked, or 0.
struct OrganizationView {
  uint8 kind;
  bool suspended;
  uint64 platform;
  uint64 requested;
  address recovery;
  bytes32 profile;
}

/// @notice State of a key. `purpose` 0: unknown. A key for batches or documents counts for sequences `from` … `to`
/// (none if to < from); for acts both are 0 and `active` tells whether it counts now.
struct KeyView {
  uint64 organization;
  uint8 purpose;
  uint64 from;
  uint64 to;
  bool active;
}

/// @notice A recovery that waits. `effective` 0: none; else the Unix time from which it can be carried out.
struct RecoveryView {
  address newKey;
  address newRecovery;
  uint64 effective;
}

/// @title The registry of organizations, their keys and their binding to a platform (企业与碳交易平台的绑定)
/// @notice Every change but the lapse of time is an act signed by the party concerned; anyone may relay it. There is
/// no owner and no upgrade: the only special right is a regulator's, given in the constructor to the first one and by
/// approval to others. `signatures` is 65 bytes r ‖ s ‖ v of the acting key, then 65 bytes for each new key that the
/// act names, in the order of its fields, over the same digest: no one can take up a key that is not theirs.
interface IOrganizationRegistry {
  /// @notice An act of `signer` was carried out; `digest` is what it signed, `nonce` the one it used up.
  event Acted(address indexed signer, bytes32 indexed digest, uint64 nonce);

  /// @notice An application was made; it can be approved until `lapses` (Unix time).
  event Applied(
    bytes32 indexed application,
    uint8 indexed kind,
    bytes32 profile,
    address key,
    address recovery,
    address batchKey,
    address documentKey,
    uint64 lapses
  );
  event Approved(bytes32 indexed application, uint64 indexed organization, uint64 indexed regulator, bytes32 reason);
  event Refused(bytes32 indexed application, uint64 indexed regulator, bytes32 reason);
  /// @notice An application was cleared away after its time.
  event Lapsed(bytes32 indexed application);
  /// @notice An organization has its id; its first keys follow as KeyAdded.
  event Registered(uint64 indexed organization, uint8 indexed kind, bytes32 profile, address recovery);

  /// @notice `key` counts for `purpose` from now on, for sequences `from` … `to` (both 0 for acts).
  event KeyAdded(uint64 indexed organization, address indexed key, uint8 indexed purpose, uint64 from, uint64 to);
  /// @notice `key` ends after sequence `last`; at once if it is for acts (`last` 0).
  event KeyRevoked(uint64 indexed organization, address indexed key, uint8 indexed purpose, uint64 last);

  event BindingRequested(uint64 indexed enterprise, uint64 indexed platform);
  event Bound(uint64 indexed enterprise, uint64 indexed platform);
  /// @notice A binding, or a request for one, was ended by organization `by`.
  event Unbound(uint64 indexed enterprise, uint64 indexed platform, uint64 by, bytes32 reason);

  /// @notice A regulator approved a recovery that can be carried out from `effective` (Unix time) on.
  event RecoveryApproved(
    uint64 indexed organization,
    uint64 indexed regulator,
    address newKey,
    address newRecovery,
    bytes32 reason,
    uint64 effective
  );
  event RecoveryObjected(uint64 indexed organization, address indexed newKey, address by);
  /// @notice All keys for acts that the organization had ended; the new one follows as KeyAdded. A recovery that
  /// waited is gone.
  event Recovered(uint64 indexed organization, address recovery);

  event Suspended(uint64 indexed organization, uint64 indexed regulator, bytes32 reason);
  event Reinstated(uint64 indexed organization, uint64 indexed regulator, bytes32 reason);

  /// @notice The act could be relayed until `expires`; it is later now.
  error ActExpired(uint64 expires, uint256 now_);
  /// @notice The signer's next nonce is another.
  error ActNonceNotNext(address signer, uint64 next, uint64 given);
  /// @notice Not 65 bytes for each signature that the act needs.
  error ActSignatureCount(uint256 bytesGiven, uint256 bytesNeeded);
  /// @notice The signature at place `place` is malleable, recovers no address or is not by `expected`.
  error ActSignatureInvalid(uint256 place, address expected, address recovered);
  /// @notice The signer has no active key for acts of this organization (or signed other bytes).
  error ActKeyRefused(uint64 organization, address signer);
  /// @notice The acting organization is suspended.
  error ActOrganizationSuspended(uint64 organization);
  error OrganizationUnknown(uint64 organization);
  /// @notice The acting organization is not a regulator, or the one named is not a platform.
  error OrganizationKindWrong(uint64 organization, uint8 needed, uint8 kind);
  /// @notice A regulator may not suspend or recover itself.
  error OrganizationIsActor(uint64 organization);
  error OrganizationSuspended(uint64 organization);
  error OrganizationNotSuspended(uint64 organization);
  error ApplicationKindUnknown(uint8 kind);
  error ApplicationUnknown(bytes32 application);
  /// @notice The key has an application that is still open.
  error ApplicationOpen(address key, bytes32 application);
  error ApplicationLapsed(bytes32 application, uint64 lapses);
  error ApplicationNotLapsed(bytes32 application, uint64 lapses);
  /// @notice MAX_OPEN_APPLICATIONS are open; refuse some, or clear away lapsed ones.
  error ApplicationsFull(uint64 open);
  error BindingNotRequested(uint64 enterprise, uint64 platform);
  error BindingUnknown(uint64 enterprise, uint64 platform);
  error BindingExists(uint64 enterprise, uint64 platform);
  /// @notice The key is zero, or named twice in one act, or is the recovery address.
  error KeyInvalid(address key);
  /// @notice The key belongs, for ever, to an organization.
  error KeyTaken(address key, uint64 organization);
  error KeyPurposeUnknown(uint8 purpose);
  error KeyUnknown(uint64 organization, address key);
  /// @notice from > to, or beyond 2^53 − 1, or not (0, 0) for acts.
  error KeyRangeInvalid(uint64 from, uint64 to);
  /// @notice The sequences concerned are in the log already.
  error KeyRangeUsed(uint64 head, uint64 sequence);
  /// @notice The key ends before that already.
  error KeyEnded(address key, uint64 to);
  /// @notice The only active key for acts cannot be revoked: rotate it.
  error KeyLast(uint64 organization, address key);
  error RecoveryUnknown(uint64 organization, address newKey);
  error RecoveryNotYet(uint64 organization, uint64 effective);

  // Acts: anyone may relay them. Each needs `signatures` as described above.
  function submitApplication(Apply calldata act, bytes calldata signatures) external returns (bytes32 application);
  function approve(Approve calldata act, bytes calldata signatures) external returns (uint64 organization);
  function refuse(Refuse calldata act, bytes calldata signatures) external;
  function requestBinding(RequestBinding calldata act, bytes calldata signatures) external;
  function confirmBinding(ConfirmBinding calldata act, bytes calldata signatures) external;
  function unbind(Unbind calldata act, bytes calldata signatures) external;
  function addKey(AddKey calldata act, bytes calldata signatures) external;
  function rotateKey(RotateKey calldata act, bytes calldata signatures) external;
  function revokeKey(RevokeKey calldata act, bytes calldata signatures) external;
  function recover(Recover calldata act, bytes calldata signatures) external;
  function approveRecovery(ApproveRecovery calldata act, bytes calldata signatures) external;
  function objectRecovery(ObjectRecovery calldata act, bytes calldata signatures) external;
  function suspend(Suspend calldata act, bytes calldata signatures) external;
  function reinstate(Reinstate calldata act, bytes calldata signatures) external;

  /// @notice Carry out a recovery whose delay is over. Anyone may call.
  function completeRecovery(uint64 organization) external;
  /// @notice Clear away an application whose time is over. Anyone may call.
  function lapse(bytes32 application) external;

  /// @notice What every act's signature covers besides the act: the EIP-712 domain, hashed.
  function domainSeparator() external view returns (bytes32);
  /// @notice How long an application can be approved, in seconds.
  function APPLICATION_LIFETIME() external view returns (uint64);
  /// @notice How many applications can be open at once.
  function MAX_OPEN_APPLICATIONS() external view returns (uint64);
  /// @notice How long an organization can object to a recovery that a regulator approved, in seconds.
  function RECOVERY_DELAY() external view returns (uint64);

  /// @notice Whether `key` is named by `organization` for entries of `kind` (1 or 2) at `sequence`. A statement about
  /// ranges alone, so it stays true for what was signed: a later suspension or unbinding does not change it.
  function keyValid(uint64 organization, address key, uint32 kind, uint64 sequence) external view returns (bool);

  /// @notice Whether an entry may be appended now, asked by the log once an entry.
  /// @return reason 0 yes; 1 the key is not valid; 2 the organization is suspended; 3 a batch, and it is not bound.
  function entryRefusal(uint64 organization, address key, uint32 kind, uint64 sequence)
    external
    view
    returns (uint256 reason);

  /// @notice Whether the organization is bound to a platform now.
  function isBound(uint64 organization) external view returns (bool);
  /// @notice All keys an organization ever had, in order of addition.
  function keysOf(uint64 organization) external view returns (address[] memory);
  function keyOf(address key) external view returns (KeyView memory);
  /// @notice `kind` 0: unknown.
  function organizationOf(uint64 organization) external view returns (OrganizationView memory);
  /// @notice `kind` 0: unknown, approved, refused or cleared away.
  function applicationOf(bytes32 application) external view returns (ApplicationView memory);
  function recoveryOf(uint64 organization) external view returns (RecoveryView memory);
  /// @notice The nonce that the next act of `signer` must name; from 0.
  function nonceOf(address signer) external view returns (uint64);
  /// @notice How many organizations there are: the greatest id.
  function organizations() external view returns (uint64);
  /// @notice How many applications are open.
  function openApplications() external view returns (uint64);
  /// @notice The evidence log of this registry; never changes.
  function log() external view returns (address);
}
