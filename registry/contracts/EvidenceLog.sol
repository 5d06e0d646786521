// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Hashing} from "./Hashing.sol";
import {Head, IEvidenceLog, Origin, SignedEntry} from "./interfaces/IEvidenceLog.sol";
import {IOrganizationRegistry} from "./interfaces/IOrganizationRegistry.sol";
import {LEVELS, Tree} from "./Tree.sol";
import {TypedDomain} from "./TypedDomain.sol";

/// @title The evidence log (存证日志); what it promises is told in IEvidenceLog
contract EvidenceLog is IEvidenceLog, TypedDomain {
  uint256 private constant MAX_SEQUENCE = 2 ** 53 - 1;

  IOrganizationRegistry private immutable _registry;

  struct StoredHead {
    uint256 sequence;
    bytes32 digest;
  }

  uint256 private _size;
  bytes32[LEVELS] private _edge;
  mapping(uint256 place => StoredHead) private _heads;

  /// @param registry_ names the keys; it must name this log in turn.
  /// @param origin where an older log ended, or all zero. Its heads are emitted, so that anyone can compare them with
  /// the older log; the root and the sum of the sequences are compared here.
  constructor(IOrganizationRegistry registry_, Origin memory origin) TypedDomain("Tanlian Evidence Log", "1") {
    if (registry_.log() != address(this)) revert LogRegistryMismatch(address(registry_), registry_.log());
    _registry = registry_;
    if (origin.size != 0 || origin.edge.length != 0 || origin.heads.length != 0) _continue(origin);
  }

  /// @inheritdoc IEvidenceLog
  function append(SignedEntry[] calldata entries) external {
    if (entries.length == 0) revert LogListEmpty();
    uint256 sizeBefore = _size;
    uint256 sizeAfter = sizeBefore + entries.length;
    if (sizeAfter > Tree.MAX_SIZE) revert LogFull(uint64(sizeBefore));
    bytes32[] memory edge_ = _loadEdge(sizeBefore);

    bytes32 domain = _domain();
    // Neither sum below can pass sizeAfter.
    unchecked {
      for (uint256 i = 0; i < entries.length; i++) {
        Tree.push(edge_, sizeBefore + i, _accept(entries[i], i, sizeBefore + i, domain));
      }
    }

    _size = sizeAfter;
    _storeEdge(edge_, sizeBefore, sizeAfter);
    emit Root(uint64(sizeAfter), Tree.root(edge_, sizeAfter));
  }

  /// @inheritdoc IEvidenceLog
  function root() external view returns (bytes32) {
    return Tree.root(_loadEdge(_size), _size);
  }

  /// @inheritdoc IEvidenceLog
  function size() external view returns (uint64) {
    return uint64(_size);
  }

  /// @inheritdoc IEvidenceLog
  function edge() external view returns (bytes32[] memory hashes) {
    uint256 size_ = _size;
    hashes = new bytes32[](_ones(size_));
    uint256 place = 0;
    for (uint256 above = LEVELS; above > 0; above--) {
      if (_bit(size_, above - 1)) hashes[place++] = _edge[above - 1];
    }
  }

  /// @inheritdoc IEvidenceLog
  function head(uint64 organization, uint32 kind) external view returns (uint64 sequence, bytes32 digest) {
    StoredHead storage stored = _heads[_place(organization, kind)];
    return (uint64(stored.sequence), stored.digest);
  }

  /// @inheritdoc IEvidenceLog
  function domainSeparator() external view returns (bytes32) {
    return _domain();
  }

  /// @inheritdoc IEvidenceLog
  function registry() external view returns (address) {
    return address(_registry);
  }

  /// @dev Check an entry, move its head, emit it. The one call outside is to a view of the registry.
  /// @return the leaf's hash.
  function _accept(SignedEntry calldata entry, uint256 i, uint256 index, bytes32 domain) private returns (bytes32) {
    uint32 kind = entry.kind;
    uint64 organization = entry.organization;
    uint64 sequence = entry.sequence;
    bytes32 digest = entry.digest;
    if (kind != 1 && kind != 2) revert EntryKindUnknown(i, kind);
    StoredHead storage stored = _heads[_place(organization, kind)];
    uint256 last = stored.sequence;
    if (sequence != last + 1 || sequence > MAX_SEQUENCE) {
      revert EntrySequenceNotNext(i, organization, kind, uint64(last), sequence);
    }
    bytes32 signedDigest = Hashing.typed(domain, Hashing.entry(kind, organization, sequence, digest));
    (address key, ECDSA.RecoverError problem,) = ECDSA.tryRecover(signedDigest, entry.v, entry.r, entry.s);
    if (problem != ECDSA.RecoverError.NoError) revert EntrySignatureInvalid(i);
    uint256 refusal = _registry.entryRefusal(organization, key, kind, sequence);
    if (refusal != 0) _refuse(refusal, i, entry, key);

    stored.sequence = sequence;
    stored.digest = digest;
    emit Appended(kind, organization, sequence, digest, uint64(index));
    return Tree.leaf(kind, organization, sequence, digest);
  }

  function _refuse(uint256 refusal, uint256 i, SignedEntry calldata entry, address key) private pure {
    if (refusal == 1) revert EntryKeyRefused(i, entry.organization, entry.kind, entry.sequence, key);
    if (refusal == 2) revert EntryOrganizationSuspended(i, entry.organization);
    revert EntryOrganizationUnbound(i, entry.organization);
  }

  function _continue(Origin memory origin) private {
    if (origin.size > Tree.MAX_SIZE) revert LogFull(origin.size);
    bytes32[] memory edge_ = new bytes32[](LEVELS);
    if (origin.edge.length != _ones(origin.size)) revert LogOriginRootMismatch(origin.root, 0);
    uint256 place = 0;
    for (uint256 above = LEVELS; above > 0; above--) {
      if (_bit(origin.size, above - 1)) edge_[above - 1] = origin.edge[place++];
    }
    bytes32 computed = Tree.root(edge_, origin.size);
    if (computed != origin.root) revert LogOriginRootMismatch(origin.root, computed);
    _size = origin.size;
    _storeEdge(edge_, 0, origin.size);
    emit Succeeded(origin.chainId, origin.log, origin.size, origin.root);

    uint256 entries = 0;
    for (uint256 i = 0; i < origin.heads.length; i++) {
      Head memory carried = origin.heads[i];
      StoredHead storage stored = _heads[_place(carried.organization, carried.kind)];
      bool inBounds = (carried.kind == 1 || carried.kind == 2) && carried.organization != 0
        && carried.organization <= MAX_SEQUENCE && carried.sequence != 0 && carried.sequence <= MAX_SEQUENCE;
      if (!inBounds || stored.sequence != 0) revert LogOriginHeadInvalid(i);
      stored.sequence = carried.sequence;
      stored.digest = carried.digest;
      entries += carried.sequence;
      emit HeadCarried(carried.kind, carried.organization, carried.sequence, carried.digest);
    }
    // Every entry is one step of one sequence: a head that was left out or altered in number shows in the sum.
    if (entries != origin.size) revert LogOriginHeadInvalid(origin.heads.length);
  }

  /// @dev The places whose bit of the size is set; the others are not read.
  function _loadEdge(uint256 size_) private view returns (bytes32[] memory edge_) {
    edge_ = new bytes32[](LEVELS);
    for (uint256 level = 0; size_ >> level != 0; level++) {
      if (_bit(size_, level)) edge_[level] = _edge[level];
    }
  }

  /// @dev The places that changed. A place whose bit is cleared keeps its old hash: it is cheaper to write again.
  function _storeEdge(bytes32[] memory edge_, uint256 sizeBefore, uint256 sizeAfter) private {
    for (uint256 level = 0; sizeAfter >> level != sizeBefore >> level; level++) {
      if (_bit(sizeAfter, level)) _edge[level] = edge_[level];
    }
  }

  function _place(uint64 organization, uint32 kind) private pure returns (uint256) {
    return (uint256(organization) << 32) | kind;
  }

  function _bit(uint256 size_, uint256 level) private pure returns (bool) {
    return (size_ >> level) & 1 == 1;
  }

  function _ones(uint256 size_) private pure returns (uint256 ones) {
    for (; size_ != 0; size_ &= size_ - 1) {
      ones++;
    }
  }
}
