// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Hashing} from "./Hashing.sol";
import {IOrganizationRegistry} from "./interfaces/IOrganizationRegistry.sol";
import {TypedDomain} from "./TypedDomain.sol";

/// @title Acts by signature: who signed, that it is in time, and that it happens once
abstract contract SignedActs is IOrganizationRegistry, TypedDomain {
  uint256 private constant SIGNATURE_BYTES = 65;

  mapping(address signer => uint64) private _nonces;

  /// @inheritdoc IOrganizationRegistry
  function nonceOf(address signer) external view returns (uint64) {
    return _nonces[signer];
  }

  /// @inheritdoc IOrganizationRegistry
  function domainSeparator() external view returns (bytes32) {
    return _domain();
  }

  /// @dev The signer of an act, whose nonce is used up.
  /// @param consents how many new keys must have signed the same digest after it (see `_checkConsent`).
  function _useAct(bytes32 structHash, uint64 nonce, uint64 expires, bytes calldata signatures, uint256 consents)
    internal
    returns (address signer, bytes32 digest)
  {
    if (block.timestamp > expires) revert ActExpired(expires, block.timestamp);
    uint256 needed = SIGNATURE_BYTES * (1 + consents);
    if (signatures.length != needed) revert ActSignatureCount(signatures.length, needed);
    digest = Hashing.typed(_domain(), structHash);
    signer = _recover(digest, signatures, 0, address(0));
    uint64 next = _nonces[signer];
    if (nonce != next) revert ActNonceNotNext(signer, next, nonce);
    _nonces[signer] = next + 1;
    emit Acted(signer, digest, nonce);
  }

  /// @dev A key that an act names agrees to it: nobody can claim a key, for ever, that is another's.
  function _checkConsent(bytes32 digest, bytes calldata signatures, uint256 place, address expected) internal pure {
    address signer = _recover(digest, signatures, place, expected);
    if (signer != expected) revert ActSignatureInvalid(place, expected, signer);
  }

  function _recover(bytes32 digest, bytes calldata signatures, uint256 place, address expected)
    private
    pure
    returns (address)
  {
    bytes calldata signature = signatures[place * SIGNATURE_BYTES:(place + 1) * SIGNATURE_BYTES];
    (address signer, ECDSA.RecoverError problem,) =
      ECDSA.tryRecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
    if (problem != ECDSA.RecoverError.NoError) revert ActSignatureInvalid(place, expected, address(0));
    return signer;
  }
}
