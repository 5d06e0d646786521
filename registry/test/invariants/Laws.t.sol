// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {IOrganizationRegistry, KeyView, OrganizationView} from "../../contracts/interfaces/IOrganizationRegistry.sol";
import {Test} from "../base/Test.sol";
import {Life} from "./Life.sol";

/// @dev What holds after any acts of any parties, whatever they try.
contract LawsTest is Test {
  Life private _life;
  IOrganizationRegistry private _registry;
  IEvidenceLog private _log;

  function setUp() external {
    _life = new Life();
    (address registry, address log) = _life.pair();
    (_registry, _log) = (IOrganizationRegistry(registry), IEvidenceLog(log));
    targetContract(address(_life));
    bytes4[] memory actions = new bytes4[](15);
    actions[0] = Life.appendSome.selector;
    actions[1] = Life.appendAnything.selector;
    actions[2] = Life.request.selector;
    actions[3] = Life.confirm.selector;
    actions[4] = Life.unbind.selector;
    actions[5] = Life.suspend.selector;
    actions[6] = Life.reinstate.selector;
    actions[7] = Life.addKey.selector;
    actions[8] = Life.revokeKey.selector;
    actions[9] = Life.rotateKey.selector;
    actions[10] = Life.recover.selector;
    actions[11] = Life.register.selector;
    // Entries are what it is about: they come four times as often as each of the rest.
    for (uint256 i = 12; i < 15; i++) {
      actions[i] = Life.appendSome.selector;
    }
    targetSelectors(address(_life), actions);
  }

  /// @dev One campaign for all laws: each function with the name of an invariant is run as one of its own.
  function invariant_S3_S29_R12_laws_of_the_registry_and_the_log() external view {
    vm.assertEq(_life.contradiction(), "");
    _the_root_is_a_naive_trees();
    _sequences_have_no_gap_and_heads_are_the_last();
    _the_key_of_every_entry_stays_valid_for_it();
    _a_key_has_one_organization_and_one_purpose_for_ever();
    _the_registry_is_the_fold_of_its_events();
  }

  function _the_root_is_a_naive_trees() private view {
    vm.assertEq(_log.size(), _life.takenCount());
    vm.assertEq(_log.root(), _life.expectedRoot());
  }

  function _sequences_have_no_gap_and_heads_are_the_last() private view {
    uint64[2][12] memory last;
    Life.Taken[] memory taken = _life.allTaken();
    for (uint256 i = 0; i < taken.length; i++) {
      Life.Taken memory entry = taken[i];
      vm.assertEq(entry.sequence, last[entry.organization][entry.kind - 1] + 1);
      last[entry.organization][entry.kind - 1] = entry.sequence;
    }
    for (uint64 organization = 1; organization < 12; organization++) {
      for (uint32 kind = 1; kind <= 2; kind++) {
        (uint64 sequence,) = _log.head(organization, kind);
        vm.assertEq(sequence, last[organization][kind - 1]);
      }
    }
  }

  function _the_key_of_every_entry_stays_valid_for_it() private view {
    Life.Taken[] memory taken = _life.allTaken();
    for (uint256 i = 0; i < taken.length; i++) {
      Life.Taken memory entry = taken[i];
      vm.assertTrue(_registry.keyValid(entry.organization, entry.key, entry.kind, entry.sequence));
    }
  }

  function _a_key_has_one_organization_and_one_purpose_for_ever() private view {
    for (uint64 organization = 1; organization <= _registry.organizations(); organization++) {
      address[] memory keys = _registry.keysOf(organization);
      vm.assertEq(keccak256(abi.encode(keys)), keccak256(abi.encode(_life.keysOfModel(organization))));
      for (uint256 i = 0; i < keys.length; i++) {
        KeyView memory key = _registry.keyOf(keys[i]);
        Life.Range memory range = _life.rangeOf(keys[i]);
        vm.assertEq(key.organization, organization);
        vm.assertEq(key.purpose, range.purpose);
        vm.assertEq(key.from, range.from);
        vm.assertEq(key.to, range.to);
      }
    }
  }

  function _the_registry_is_the_fold_of_its_events() private view {
    vm.assertEq(_registry.organizations(), _life.registered());
    for (uint64 organization = 1; organization <= _life.registered(); organization++) {
      OrganizationView memory stored = _registry.organizationOf(organization);
      vm.assertEq(stored.platform, _life.boundTo(organization));
      vm.assertEq(stored.suspended, _life.suspended(organization));
      vm.assertTrue(stored.kind != 0);
      vm.assertTrue(stored.platform == 0 || stored.requested == 0);
      if (stored.platform != 0) vm.assertEq(_registry.organizationOf(stored.platform).kind, 2);
    }
    vm.assertEq(_registry.organizationOf(_life.registered() + 1).kind, 0);
  }

  /// @dev The laws are about something: the actions by which they are tried do what their names say.
  function test_the_actions_reach_the_log_and_the_registry() external {
    _life.appendSome(0, 0, 3);
    vm.assertEq(_life.takenCount(), 4);
    _life.unbind(0, false);
    _life.appendSome(0, 0, 3);
    vm.assertEq(_life.takenCount(), 4);
    _life.addKey(0, 4, 1, 1, 9);
    _life.appendAnything(0, 5, 2, 2);
    vm.assertEq(_life.takenCount(), 4);
    vm.assertEq(_registry.keysOf(3).length, 4);
    _life.appendSome(0, 1, 0);
    _life.suspend(3);
    vm.assertTrue(_life.suspended(4));
    _life.revokeKey(1, 0, 1);
    _life.rotateKey(2, 0, 1, 3);
    vm.assertEq(_registry.keysOf(5).length, 4);
    _life.recover(2, 0);
    _life.register(0);
    _life.register(1);
    vm.assertEq(_life.registered(), 7);
    vm.assertEq(_life.takenCount(), 5);
  }
}
