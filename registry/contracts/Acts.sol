// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title EIP-712 type strings of all signed statements, the entry's and each act's
/// @notice The strings are what a wallet shows and a client signs; the hashes are computed at compile time.
library Acts {
  bytes32 internal constant DOMAIN =
    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

  bytes32 internal constant ENTRY = keccak256("Entry(uint32 kind,uint64 organization,uint64 sequence,bytes32 digest)");

  bytes32 internal constant APPLY = keccak256(
    "Apply(uint8 kind,bytes32 profile,address key,address recovery,address batchKey,address documentKey,uint64 nonce,uint64 expires)"
  );
  bytes32 internal constant APPROVE =
    keccak256("Approve(uint64 organization,bytes32 application,bytes32 reason,uint64 nonce,uint64 expires)");
  bytes32 internal constant REFUSE =
    keccak256("Refuse(uint64 organization,bytes32 application,bytes32 reason,uint64 nonce,uint64 expires)");
  bytes32 internal constant REQUEST_BINDING =
    keccak256("RequestBinding(uint64 organization,uint64 platform,uint64 nonce,uint64 expires)");
  bytes32 internal constant CONFIRM_BINDING =
    keccak256("ConfirmBinding(uint64 organization,uint64 enterprise,uint64 nonce,uint64 expires)");
  bytes32 internal constant UNBIND = keccak256(
    "Unbind(uint64 organization,uint64 enterprise,uint64 platform,bytes32 reason,uint64 nonce,uint64 expires)"
  );
  bytes32 internal constant ADD_KEY = keccak256(
    "AddKey(uint64 organization,address key,uint8 purpose,uint64 from,uint64 to,uint64 nonce,uint64 expires)"
  );
  bytes32 internal constant ROTATE_KEY =
    keccak256("RotateKey(uint64 organization,address oldKey,address newKey,uint64 from,uint64 nonce,uint64 expires)");
  bytes32 internal constant REVOKE_KEY =
    keccak256("RevokeKey(uint64 organization,address key,uint64 last,uint64 nonce,uint64 expires)");
  bytes32 internal constant RECOVER =
    keccak256("Recover(uint64 organization,address newKey,address newRecovery,uint64 nonce,uint64 expires)");
  bytes32 internal constant APPROVE_RECOVERY = keccak256(
    "ApproveRecovery(uint64 organization,uint64 subject,address newKey,address newRecovery,bytes32 reason,uint64 nonce,uint64 expires)"
  );
  bytes32 internal constant OBJECT_RECOVERY =
    keccak256("ObjectRecovery(uint64 organization,address newKey,uint64 nonce,uint64 expires)");
  bytes32 internal constant SUSPEND =
    keccak256("Suspend(uint64 organization,uint64 subject,bytes32 reason,uint64 nonce,uint64 expires)");
  bytes32 internal constant REINSTATE =
    keccak256("Reinstate(uint64 organization,uint64 subject,bytes32 reason,uint64 nonce,uint64 expires)");
}
