// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Acts} from "../contracts/Acts.sol";
import {
  AddKey,
  ApplicationView,
  Apply,
  ApproveRecovery,
  FirstRegulator,
  IOrganizationRegistry,
  KeyView,
  OrganizationView,
  Recover,
  RecoveryView,
  RotateKey,
  Suspend
} from "../contracts/interfaces/IOrganizationRegistry.sol";
import {Parties} from "./base/Parties.sol";
import {Vm} from "./base/Test.sol";

contract OrganizationRegistryTest is Parties {
  uint64 private constant STEEL = 3;
  uint64 private constant NEXT = 4;

  function setUp() external {
    deploy();
    enrol(3, STEEL);
  }

  // Deployment

  function test_a_deployment_names_the_first_regulator_and_the_log() external view {
    OrganizationView memory first = registry.organizationOf(REGULATOR);
    vm.assertEq(first.kind, 1);
    vm.assertEq(first.profile, keccak256("regulator"));
    vm.assertEq(first.recovery, vm.addr(secret(REGULATOR, RECOVERY)));
    vm.assertEq(registry.keysOf(REGULATOR).length, 1);
    _assertKey(secret(REGULATOR, ACTS), REGULATOR, ACTS, 0, 0, true);
    vm.assertEq(registry.log(), address(log));
    vm.assertEq(registry.organizations(), STEEL);
  }

  function test_a_deployment_without_a_key_or_recovery_key_is_refused() external {
    FirstRegulator memory first = firstRegulator();
    first.key = address(0);
    _assertNotDeployed(first);
    first = firstRegulator();
    first.recovery = address(0);
    _assertNotDeployed(first);
    first.recovery = first.key;
    _assertNotDeployed(first);
  }

  // Acts in general

  function test_R9_an_act_counts_once_until_it_expires_on_its_chain_and_contract() external {
    uint256 key = secret(REGULATOR, ACTS);
    uint64 nonce = nonceOf(key);
    Suspend memory act = Suspend(REGULATOR, STEEL, REASON, nonce, uint64(NOW));
    bytes memory call_ = abi.encodeCall(registry.suspend, (act, actSigned(key, _hash(act))));

    vm.warp(NOW + 1);
    refused(call_, abi.encodeWithSelector(IOrganizationRegistry.ActExpired.selector, NOW, NOW + 1));
    vm.warp(NOW);
    vm.chainId(99);
    (bool ok,) = address(registry).call(call_);
    vm.assertFalse(ok, "another chain");
    vm.chainId(31337);
    (IOrganizationRegistry another,) = deployPair(noOrigin());
    (ok,) = address(another).call(call_);
    vm.assertFalse(ok, "another contract");

    done(call_);
    refused(
      call_, abi.encodeWithSelector(IOrganizationRegistry.ActNonceNotNext.selector, vm.addr(key), nonce + 1, nonce)
    );
    act.nonce = nonce + 2;
    refused(
      abi.encodeCall(registry.suspend, (act, actSigned(key, _hash(act)))),
      abi.encodeWithSelector(IOrganizationRegistry.ActNonceNotNext.selector, vm.addr(key), nonce + 1, nonce + 2)
    );
  }

  function test_R8_signatures_of_an_act_have_one_form() external {
    uint256 key = secret(REGULATOR, ACTS);
    Suspend memory act = Suspend(REGULATOR, STEEL, REASON, nonceOf(key), EXPIRES);
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, actDigest(_hash(act)));
    uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes[4] memory malformed = [
      abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27)),
      abi.encodePacked(r, s, v - 27),
      abi.encodePacked(r, bytes32(0), v),
      abi.encodePacked(bytes32(0), s, v)
    ];
    for (uint256 i = 0; i < malformed.length; i++) {
      refused(
        abi.encodeCall(registry.suspend, (act, malformed[i])),
        abi.encodeWithSelector(IOrganizationRegistry.ActSignatureInvalid.selector, 0, address(0), address(0))
      );
    }
    uint256[3] memory lengths = [uint256(0), 64, 130];
    for (uint256 i = 0; i < lengths.length; i++) {
      refused(
        abi.encodeCall(registry.suspend, (act, new bytes(lengths[i]))),
        abi.encodeWithSelector(IOrganizationRegistry.ActSignatureCount.selector, lengths[i], 65)
      );
    }
    done(abi.encodeCall(registry.suspend, (act, abi.encodePacked(r, s, v))));
  }

  function test_every_act_says_who_signed_what() external {
    uint256 key = secret(REGULATOR, ACTS);
    Suspend memory act = Suspend(REGULATOR, STEEL, REASON, nonceOf(key), EXPIRES);
    vm.recordLogs();
    done(abi.encodeCall(registry.suspend, (act, actSigned(key, _hash(act)))));
    Vm.Log[] memory events = vm.getRecordedLogs();
    vm.assertEq(events.length, 2);
    vm.assertEq(events[0].topics[0], keccak256("Acted(address,bytes32,uint64)"));
    vm.assertEq(address(uint160(uint256(events[0].topics[1]))), vm.addr(key));
    vm.assertEq(events[0].topics[2], actDigest(_hash(act)));
    vm.assertEq(keccak256(events[0].data), keccak256(abi.encode(act.nonce)));
    vm.assertEq(events[1].topics[0], keccak256("Suspended(uint64,uint64,bytes32)"));
  }

  function test_an_act_by_a_key_of_another_organization_or_purpose_is_refused() external {
    newActKey[REGULATOR] = secret(STEEL, ACTS);
    refused(suspendCall(REGULATOR, PLATFORM), _keyRefused(REGULATOR, secret(STEEL, ACTS)));
    newActKey[STEEL] = secret(STEEL, BATCHES);
    refused(requestCall(STEEL, PLATFORM), _keyRefused(STEEL, secret(STEEL, BATCHES)));
    newActKey[STEEL] = other(1);
    refused(requestCall(STEEL, PLATFORM), _keyRefused(STEEL, other(1)));
    refused(requestCall(0, PLATFORM), _keyRefused(0, secret(0, ACTS)));
  }

  // Applications

  function test_an_application_is_kept_until_a_regulator_decides() external {
    Apply memory act = application(3, NEXT);
    bytes32 id = abi.decode(done(applyCall(act, NEXT)), (bytes32));
    vm.assertEq(id, applicationId(act));
    ApplicationView memory open = registry.applicationOf(id);
    vm.assertEq(open.kind, 3);
    vm.assertEq(open.profile, act.profile);
    vm.assertEq(open.key, act.key);
    vm.assertEq(open.recovery, act.recovery);
    vm.assertEq(open.batchKey, act.batchKey);
    vm.assertEq(open.documentKey, act.documentKey);
    vm.assertEq(open.lapses, NOW + registry.APPLICATION_LIFETIME());
    vm.assertEq(registry.openApplications(), 1);
    vm.assertEq(registry.organizations(), STEEL);

    vm.assertEq(abi.decode(done(approveCall(REGULATOR, id)), (uint64)), NEXT);
    vm.assertEq(registry.applicationOf(id).kind, 0);
    vm.assertEq(registry.openApplications(), 0);
    vm.assertEq(registry.organizationOf(NEXT).profile, act.profile);
    vm.assertEq(registry.keysOf(NEXT).length, 3);
    _assertKey(secret(NEXT, ACTS), NEXT, ACTS, 0, 0, true);
    _assertKey(secret(NEXT, BATCHES), NEXT, BATCHES, 1, MAX, true);
    _assertKey(secret(NEXT, DOCUMENTS), NEXT, DOCUMENTS, 1, MAX, true);
    refused(approveCall(REGULATOR, id), _applicationUnknown(id));
    refused(refuseCall(REGULATOR, id), _applicationUnknown(id));
  }

  function test_an_application_may_name_no_key_for_entries() external {
    Apply memory act = application(4, NEXT);
    act.batchKey = address(0);
    bytes32 id = abi.decode(done(applyCall(act, NEXT)), (bytes32));
    done(approveCall(REGULATOR, id));
    vm.assertEq(registry.keysOf(NEXT).length, 2);
    act = application(5, 5);
    act.batchKey = act.documentKey = address(0);
    done(approveCall(REGULATOR, abi.decode(done(applyCall(act, 5)), (bytes32))));
    vm.assertEq(registry.keysOf(5).length, 1);
  }

  function test_every_kind_of_party_can_apply_and_no_other() external {
    for (uint8 kind = 1; kind <= 7; kind++) {
      enrol(kind, STEEL + kind);
      vm.assertEq(registry.organizationOf(STEEL + kind).kind, kind);
    }
    refused(
      applyCall(application(0, 20), 20),
      abi.encodeWithSelector(IOrganizationRegistry.ApplicationKindUnknown.selector, 0)
    );
    refused(
      applyCall(application(8, 20), 20),
      abi.encodeWithSelector(IOrganizationRegistry.ApplicationKindUnknown.selector, 8)
    );
  }

  function test_nobody_can_take_up_a_key_that_is_not_theirs() external {
    // Signed by another than the named key, or without the consent of the others that it names.
    Apply memory act = application(3, NEXT);
    act.key = vm.addr(secret(5, ACTS));
    (bool ok,) = address(registry).call(applyCall(act, NEXT));
    vm.assertFalse(ok);
    act = application(3, NEXT);
    act.batchKey = vm.addr(secret(STEEL, RECOVERY));
    refused(applyCall(act, NEXT), _consentMissing(1, act.batchKey, secret(NEXT, BATCHES)));
    act = application(3, NEXT);
    act.documentKey = vm.addr(secret(STEEL, RECOVERY));
    refused(applyCall(act, NEXT), _consentMissing(2, act.documentKey, secret(NEXT, DOCUMENTS)));
  }

  function test_keys_of_an_application_differ_and_are_free() external {
    Apply memory act = application(3, NEXT);
    act.recovery = act.key;
    refused(applyCall(act, NEXT), _keyInvalid(act.key));
    act.recovery = address(0);
    refused(applyCall(act, NEXT), _keyInvalid(address(0)));
    act.recovery = act.batchKey;
    refused(applyCall(act, NEXT), _keyInvalid(act.batchKey));
    act.recovery = vm.addr(secret(STEEL, ACTS));
    refused(applyCall(act, NEXT), _keyTaken(secret(STEEL, ACTS), STEEL));
    refused(applyCall(application(3, STEEL), STEEL), _keyTaken(secret(STEEL, ACTS), STEEL));

    act = application(3, NEXT);
    act.batchKey = act.key;
    bytes32 structHash = keccak256(abi.encode(Acts.APPLY, act));
    bytes memory byOne = actSigned(secret(NEXT, ACTS), secret(NEXT, ACTS), structHash);
    bytes memory signatures = bytes.concat(byOne, actSigned(secret(NEXT, DOCUMENTS), structHash));
    refused(abi.encodeCall(registry.submitApplication, (act, signatures)), _keyInvalid(act.key));
    act = application(3, NEXT);
    act.documentKey = act.batchKey;
    structHash = keccak256(abi.encode(Acts.APPLY, act));
    signatures = bytes.concat(
      actSigned(secret(NEXT, ACTS), structHash), actSigned(secret(NEXT, BATCHES), secret(NEXT, BATCHES), structHash)
    );
    refused(abi.encodeCall(registry.submitApplication, (act, signatures)), _keyInvalid(act.batchKey));
    act = application(3, NEXT);
    act.batchKey = address(0);
    act.documentKey = act.key;
    signatures = actSigned(secret(NEXT, ACTS), secret(NEXT, ACTS), keccak256(abi.encode(Acts.APPLY, act)));
    refused(abi.encodeCall(registry.submitApplication, (act, signatures)), _keyInvalid(act.key));
  }

  function test_a_key_that_two_open_applications_name_goes_to_the_first_approved() external {
    Apply memory first = application(3, NEXT);
    Apply memory second = application(3, 5);
    second.batchKey = first.batchKey;
    bytes32 structHash = keccak256(abi.encode(Acts.APPLY, second));
    bytes memory signatures = bytes.concat(
      actSigned(secret(5, ACTS), structHash),
      actSigned(secret(NEXT, BATCHES), structHash),
      actSigned(secret(5, DOCUMENTS), structHash)
    );
    bytes32 firstId = abi.decode(done(applyCall(first, NEXT)), (bytes32));
    bytes32 secondId = abi.decode(done(abi.encodeCall(registry.submitApplication, (second, signatures))), (bytes32));
    done(approveCall(REGULATOR, firstId));
    refused(approveCall(REGULATOR, secondId), _keyTaken(secret(NEXT, BATCHES), NEXT));
    done(refuseCall(REGULATOR, secondId));
  }

  function test_one_application_a_key_is_open_and_after_a_refusal_there_may_be_another() external {
    bytes32 id = abi.decode(done(applyCall(application(3, NEXT), NEXT)), (bytes32));
    refused(
      applyCall(application(3, NEXT), NEXT),
      abi.encodeWithSelector(IOrganizationRegistry.ApplicationOpen.selector, vm.addr(secret(NEXT, ACTS)), id)
    );
    done(refuseCall(REGULATOR, id));
    vm.assertEq(registry.openApplications(), 0);
    refused(approveCall(REGULATOR, id), _applicationUnknown(id));
    enrol(3, NEXT);
  }

  function test_an_application_lapses_and_then_anyone_may_clear_it_away() external {
    bytes32 id = abi.decode(done(applyCall(application(3, NEXT), NEXT)), (bytes32));
    uint64 lapses = registry.applicationOf(id).lapses;
    vm.warp(lapses);
    refused(
      abi.encodeCall(registry.lapse, (id)),
      abi.encodeWithSelector(IOrganizationRegistry.ApplicationNotLapsed.selector, id, lapses)
    );
    vm.warp(lapses + 1);
    refused(
      approveCall(REGULATOR, id), abi.encodeWithSelector(IOrganizationRegistry.ApplicationLapsed.selector, id, lapses)
    );
    vm.prank(address(0xBEEF));
    registry.lapse(id);
    vm.assertEq(registry.openApplications(), 0);
    refused(abi.encodeCall(registry.lapse, (id)), _applicationUnknown(id));
    enrol(3, NEXT);
  }

  function test_an_application_can_be_approved_up_to_its_last_second() external {
    bytes32 id = abi.decode(done(applyCall(application(3, NEXT), NEXT)), (bytes32));
    vm.warp(registry.applicationOf(id).lapses);
    done(approveCall(REGULATOR, id));
  }

  function test_an_application_whose_key_was_taken_up_meanwhile_cannot_be_approved() external {
    bytes32 id = abi.decode(done(applyCall(application(3, NEXT), NEXT)), (bytes32));
    done(addCall(STEEL, secret(NEXT, ACTS), DOCUMENTS, 1, 9));
    refused(approveCall(REGULATOR, id), _keyTaken(secret(NEXT, ACTS), STEEL));
  }

  function test_open_applications_are_bounded() external {
    // The two counts share slot 1: as many organizations as before, and all places for applications taken.
    uint64 most = registry.MAX_OPEN_APPLICATIONS();
    vm.store(address(registry), bytes32(uint256(1)), bytes32((uint256(most) << 64) | STEEL));
    vm.assertEq(registry.openApplications(), most);
    vm.assertEq(registry.organizations(), STEEL);
    refused(
      applyCall(application(3, NEXT), NEXT),
      abi.encodeWithSelector(IOrganizationRegistry.ApplicationsFull.selector, most)
    );
  }

  function test_only_a_regulator_that_is_not_suspended_decides() external {
    bytes32 id = abi.decode(done(applyCall(application(1, NEXT), NEXT)), (bytes32));
    refused(approveCall(STEEL, id), _kindWrong(STEEL, 1, 3));
    refused(refuseCall(PLATFORM, id), _kindWrong(PLATFORM, 1, 2));
    done(approveCall(REGULATOR, id));
    done(suspendCall(NEXT, REGULATOR));
    id = abi.decode(done(applyCall(application(3, 5), 5)), (bytes32));
    refused(approveCall(REGULATOR, id), _actorSuspended(REGULATOR));
    done(approveCall(NEXT, id));
    vm.assertEq(registry.organizations(), 5);
  }

  // Binding

  function test_a_binding_is_asked_for_by_one_side_and_confirmed_by_the_other() external {
    refused(
      confirmCall(PLATFORM, STEEL),
      abi.encodeWithSelector(IOrganizationRegistry.BindingNotRequested.selector, STEEL, PLATFORM)
    );
    done(requestCall(STEEL, PLATFORM));
    vm.assertEq(registry.organizationOf(STEEL).requested, PLATFORM);
    vm.assertFalse(registry.isBound(STEEL));
    done(confirmCall(PLATFORM, STEEL));
    vm.assertEq(registry.organizationOf(STEEL).requested, 0);
    vm.assertEq(registry.organizationOf(STEEL).platform, PLATFORM);
    vm.assertTrue(registry.isBound(STEEL));
    refused(
      requestCall(STEEL, PLATFORM),
      abi.encodeWithSelector(IOrganizationRegistry.BindingExists.selector, STEEL, PLATFORM)
    );
  }

  function test_only_the_platform_that_was_asked_can_confirm_and_a_later_request_replaces_an_earlier() external {
    enrol(2, NEXT);
    done(requestCall(STEEL, PLATFORM));
    done(requestCall(STEEL, NEXT));
    refused(
      confirmCall(PLATFORM, STEEL),
      abi.encodeWithSelector(IOrganizationRegistry.BindingNotRequested.selector, STEEL, PLATFORM)
    );
    done(confirmCall(NEXT, STEEL));
    vm.assertEq(registry.organizationOf(STEEL).platform, NEXT);
  }

  function test_a_binding_is_to_a_platform_that_is_known_and_not_suspended() external {
    refused(requestCall(STEEL, REGULATOR), _kindWrong(REGULATOR, 2, 1));
    refused(requestCall(STEEL, 99), abi.encodeWithSelector(IOrganizationRegistry.OrganizationUnknown.selector, 99));
    refused(
      requestCall(PLATFORM, PLATFORM),
      abi.encodeWithSelector(IOrganizationRegistry.OrganizationIsActor.selector, PLATFORM)
    );
    done(requestCall(STEEL, PLATFORM));
    done(suspendCall(REGULATOR, STEEL));
    refused(confirmCall(PLATFORM, STEEL), _suspended(STEEL));
    done(reinstateCall(REGULATOR, STEEL));
    done(suspendCall(REGULATOR, PLATFORM));
    refused(requestCall(STEEL, PLATFORM), _suspended(PLATFORM));
    refused(confirmCall(PLATFORM, STEEL), _actorSuspended(PLATFORM));
  }

  function test_either_side_can_unbind_and_a_stranger_cannot() external {
    enrol(2, NEXT);
    bytes memory unknown = abi.encodeWithSelector(IOrganizationRegistry.BindingUnknown.selector, STEEL, PLATFORM);
    refused(unbindCall(STEEL, STEEL, PLATFORM), unknown);
    bind(STEEL, PLATFORM);
    refused(unbindCall(NEXT, STEEL, PLATFORM), unknown);
    refused(
      unbindCall(NEXT, STEEL, NEXT), abi.encodeWithSelector(IOrganizationRegistry.BindingUnknown.selector, STEEL, NEXT)
    );
    refused(
      unbindCall(STEEL, STEEL, 0), abi.encodeWithSelector(IOrganizationRegistry.BindingUnknown.selector, STEEL, 0)
    );
    done(unbindCall(STEEL, STEEL, PLATFORM));
    vm.assertFalse(registry.isBound(STEEL));
    bind(STEEL, PLATFORM);
    done(unbindCall(PLATFORM, STEEL, PLATFORM));
    vm.assertFalse(registry.isBound(STEEL));
    // A request is withdrawn or declined in the same way.
    done(requestCall(STEEL, PLATFORM));
    done(unbindCall(PLATFORM, STEEL, PLATFORM));
    vm.assertEq(registry.organizationOf(STEEL).requested, 0);
  }

  // Keys

  function test_a_key_is_added_with_its_own_consent_for_one_purpose_and_sequences_not_used() external {
    bind(STEEL, PLATFORM);
    appendNext(STEEL, 1);
    appendNext(STEEL, 1);
    refused(addCall(STEEL, other(1), BATCHES, 2, 9), _rangeUsed(2, 2));
    refused(addCall(STEEL, other(1), BATCHES, 0, 9), _rangeUsed(2, 0));
    refused(addCall(STEEL, other(1), BATCHES, 9, 8), _rangeInvalid(9, 8));
    refused(addCall(STEEL, other(1), BATCHES, 3, MAX + 1), _rangeInvalid(3, MAX + 1));
    refused(addCall(STEEL, other(1), ACTS, 1, 9), _rangeInvalid(1, 9));
    refused(
      addCall(STEEL, other(1), 0, 3, 9), abi.encodeWithSelector(IOrganizationRegistry.KeyPurposeUnknown.selector, 0)
    );
    refused(
      addCall(STEEL, other(1), 4, 3, 9), abi.encodeWithSelector(IOrganizationRegistry.KeyPurposeUnknown.selector, 4)
    );
    refused(addCall(STEEL, secret(STEEL, RECOVERY), BATCHES, 3, 9), _keyInvalid(vm.addr(secret(STEEL, RECOVERY))));

    done(addCall(STEEL, other(1), BATCHES, 3, 9));
    _assertKey(other(1), STEEL, BATCHES, 3, 9, true);
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(other(1)), 1, 2));
    vm.assertTrue(registry.keyValid(STEEL, vm.addr(other(1)), 1, 3));
    vm.assertTrue(registry.keyValid(STEEL, vm.addr(other(1)), 1, 9));
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(other(1)), 1, 10));
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(other(1)), 2, 3));
    vm.assertFalse(registry.keyValid(PLATFORM, vm.addr(other(1)), 1, 3));
    log.append(list(signedEntry(other(1), 1, STEEL, 3, "by the new key")));
    appendNext(STEEL, 1);
  }

  function test_a_key_that_does_not_consent_is_not_taken_up_by_any_act() external {
    (address victim, uint256 thief) = (vm.addr(other(1)), other(66));
    bytes memory problem = _consentMissing(1, victim, thief);
    uint256 key = secret(STEEL, ACTS);
    AddKey memory add = AddKey(STEEL, victim, BATCHES, 1, 9, nonceOf(key), EXPIRES);
    bytes memory signatures = actSigned(key, thief, keccak256(abi.encode(Acts.ADD_KEY, add)));
    refused(abi.encodeCall(registry.addKey, (add, signatures)), problem);

    RotateKey memory rotate = RotateKey(STEEL, vm.addr(secret(STEEL, BATCHES)), victim, 5, nonceOf(key), EXPIRES);
    signatures = actSigned(key, thief, keccak256(abi.encode(Acts.ROTATE_KEY, rotate)));
    refused(abi.encodeCall(registry.rotateKey, (rotate, signatures)), problem);

    key = secret(STEEL, RECOVERY);
    Recover memory recover = Recover(STEEL, victim, vm.addr(other(2)), nonceOf(key), EXPIRES);
    signatures = actSigned(key, thief, keccak256(abi.encode(Acts.RECOVER, recover)));
    refused(abi.encodeCall(registry.recover, (recover, signatures)), problem);

    key = secret(REGULATOR, ACTS);
    ApproveRecovery memory help =
      ApproveRecovery(REGULATOR, STEEL, victim, vm.addr(other(2)), REASON, nonceOf(key), EXPIRES);
    signatures = actSigned(key, thief, keccak256(abi.encode(Acts.APPROVE_RECOVERY, help)));
    refused(abi.encodeCall(registry.approveRecovery, (help, signatures)), problem);
    vm.assertEq(registry.keyOf(victim).purpose, 0);
  }

  function test_a_range_may_be_one_sequence_and_a_rotation_may_begin_at_either_end() external {
    done(addCall(STEEL, other(1), BATCHES, 7, 7));
    _assertKey(other(1), STEEL, BATCHES, 7, 7, true);
    done(rotateCall(STEEL, other(1), other(2), 7));
    _assertKey(other(1), STEEL, BATCHES, 7, 6, false);
    _assertKey(other(2), STEEL, BATCHES, 7, 7, true);
    refused(rotateCall(STEEL, other(2), other(3), 8), _rangeInvalid(8, 7));
    refused(rotateCall(STEEL, other(2), other(3), 6), _rangeInvalid(6, 7));
    vm.assertTrue(registry.keyValid(STEEL, vm.addr(other(2)), 1, 7));
  }

  function test_a_key_belongs_to_one_organization_for_ever() external {
    refused(addCall(PLATFORM, secret(STEEL, BATCHES), BATCHES, 1, 9), _keyTaken(secret(STEEL, BATCHES), STEEL));
    refused(addCall(STEEL, secret(STEEL, BATCHES), DOCUMENTS, 1, 9), _keyTaken(secret(STEEL, BATCHES), STEEL));
    done(revokeCall(STEEL, secret(STEEL, BATCHES), 0));
    refused(addCall(PLATFORM, secret(STEEL, BATCHES), BATCHES, 1, 9), _keyTaken(secret(STEEL, BATCHES), STEEL));
    refused(addCall(STEEL, secret(STEEL, BATCHES), BATCHES, 1, 9), _keyTaken(secret(STEEL, BATCHES), STEEL));
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(secret(STEEL, BATCHES)), 1, 1));
  }

  function test_a_key_for_acts_signs_no_entry_and_the_other_way_round() external view {
    address key = vm.addr(secret(STEEL, ACTS));
    for (uint32 kind = 0; kind <= 4; kind++) {
      vm.assertFalse(registry.keyValid(STEEL, key, kind, 0));
      vm.assertFalse(registry.keyValid(STEEL, key, kind, 1));
    }
    vm.assertFalse(registry.keyValid(0, address(0), 0, 0));
    vm.assertFalse(registry.keyValid(0, address(1), 0, 0));
  }

  function test_R12_a_key_is_rotated_at_a_sequence_and_what_it_signed_stays_valid() external {
    bind(STEEL, PLATFORM);
    appendNext(STEEL, 1);
    appendNext(STEEL, 1);
    uint256 old = secret(STEEL, BATCHES);
    refused(rotateCall(STEEL, old, other(1), 2), _rangeUsed(2, 2));
    refused(rotateCall(STEEL, old, other(1), 0), _rangeInvalid(0, MAX));
    refused(rotateCall(STEEL, other(2), other(1), 5), _keyUnknown(STEEL, other(2)));
    refused(rotateCall(STEEL, secret(PLATFORM, BATCHES), other(1), 5), _keyUnknown(STEEL, secret(PLATFORM, BATCHES)));
    refused(rotateCall(STEEL, old, secret(STEEL, DOCUMENTS), 5), _keyTaken(secret(STEEL, DOCUMENTS), STEEL));
    done(rotateCall(STEEL, old, other(1), 5));
    _assertKey(old, STEEL, BATCHES, 1, 4, true);
    _assertKey(other(1), STEEL, BATCHES, 5, MAX, true);
    appendNext(STEEL, 1);
    appendNext(STEEL, 1);
    _assertKey(old, STEEL, BATCHES, 1, 4, false);
    appendRefusedByKey(old, 5);
    log.append(list(signedEntry(other(1), 1, STEEL, 5, "by the new key")));
    for (uint64 sequence = 1; sequence <= 4; sequence++) {
      vm.assertTrue(registry.keyValid(STEEL, vm.addr(old), 1, sequence));
    }
  }

  function test_a_key_for_acts_is_rotated_at_once() external {
    refused(rotateCall(STEEL, secret(STEEL, ACTS), other(1), 3), _rangeInvalid(3, 0));
    done(rotateCall(STEEL, secret(STEEL, ACTS), other(1), 0));
    refused(requestCall(STEEL, PLATFORM), _keyRefused(STEEL, secret(STEEL, ACTS)));
    newActKey[STEEL] = other(1);
    done(requestCall(STEEL, PLATFORM));
    _assertKey(secret(STEEL, ACTS), STEEL, ACTS, 0, 0, false);
    refused(
      rotateCall(STEEL, secret(STEEL, ACTS), other(2), 0),
      abi.encodeWithSelector(IOrganizationRegistry.KeyEnded.selector, vm.addr(secret(STEEL, ACTS)), 0)
    );
  }

  function test_a_key_is_revoked_at_or_above_the_head_never_below() external {
    bind(STEEL, PLATFORM);
    for (uint256 i = 0; i < 3; i++) {
      appendNext(STEEL, 1);
    }
    uint256 key = secret(STEEL, BATCHES);
    refused(revokeCall(STEEL, key, 2), _rangeUsed(3, 2));
    refused(revokeCall(STEEL, key, 0), _rangeUsed(3, 0));
    done(revokeCall(STEEL, key, 4));
    appendNext(STEEL, 1);
    appendRefusedByKey(key, 5);
    refused(revokeCall(STEEL, key, 4), abi.encodeWithSelector(IOrganizationRegistry.KeyEnded.selector, vm.addr(key), 4));
    refused(
      revokeCall(STEEL, key, MAX), abi.encodeWithSelector(IOrganizationRegistry.KeyEnded.selector, vm.addr(key), 4)
    );
    // The head of the other kind is another: nothing was signed there.
    done(revokeCall(STEEL, secret(STEEL, DOCUMENTS), 0));
    vm.assertFalse(registry.keyValid(STEEL, vm.addr(secret(STEEL, DOCUMENTS)), 2, 1));
    refused(revokeCall(STEEL, secret(PLATFORM, BATCHES), 0), _keyUnknown(STEEL, secret(PLATFORM, BATCHES)));
  }

  function testFuzz_a_revoked_range_is_what_is_left(uint64 from, uint64 to, uint64 last, uint64 sequence) external {
    from = 1 + from % MAX;
    to = from + to % (MAX - from + 1);
    last = last % to;
    sequence = sequence % (MAX + 2);
    done(addCall(STEEL, other(1), DOCUMENTS, from, to));
    done(revokeCall(STEEL, other(1), last));
    vm.assertEq(registry.keyValid(STEEL, vm.addr(other(1)), 2, sequence), sequence >= from && sequence <= last);
  }

  function test_the_last_key_for_acts_cannot_be_revoked() external {
    uint256 first = secret(STEEL, ACTS);
    refused(
      revokeCall(STEEL, first, 0), abi.encodeWithSelector(IOrganizationRegistry.KeyLast.selector, STEEL, vm.addr(first))
    );
    done(addCall(STEEL, other(1), ACTS, 0, 0));
    refused(revokeCall(STEEL, first, 1), _rangeInvalid(0, 1));
    done(revokeCall(STEEL, first, 0));
    newActKey[STEEL] = other(1);
    refused(
      revokeCall(STEEL, other(1), 0),
      abi.encodeWithSelector(IOrganizationRegistry.KeyLast.selector, STEEL, vm.addr(other(1)))
    );
  }

  // Recovery

  function test_the_recovery_key_replaces_all_keys_for_acts_at_once_and_no_key_for_entries() external {
    bind(STEEL, PLATFORM);
    appendNext(STEEL, 1);
    // A thief holds the key for acts, adds one of their own and objects to everything.
    done(addCall(STEEL, other(66), ACTS, 0, 0));
    refused(
      recoverCall(STEEL, secret(STEEL, ACTS), other(1), vm.addr(other(2))), _keyRefused(STEEL, secret(STEEL, ACTS))
    );
    done(recoverCall(STEEL, secret(STEEL, RECOVERY), other(1), vm.addr(other(2))));
    _assertKey(secret(STEEL, ACTS), STEEL, ACTS, 0, 0, false);
    _assertKey(other(66), STEEL, ACTS, 0, 0, false);
    _assertKey(other(1), STEEL, ACTS, 0, 0, true);
    vm.assertEq(registry.organizationOf(STEEL).recovery, vm.addr(other(2)));
    newActKey[STEEL] = other(66);
    refused(unbindCall(STEEL, STEEL, PLATFORM), _keyRefused(STEEL, other(66)));
    newActKey[STEEL] = other(1);
    refused(
      revokeCall(STEEL, other(66), 0),
      abi.encodeWithSelector(IOrganizationRegistry.KeyEnded.selector, vm.addr(other(66)), 0)
    );
    // The only one that is left is the new one.
    refused(
      revokeCall(STEEL, other(1), 0),
      abi.encodeWithSelector(IOrganizationRegistry.KeyLast.selector, STEEL, vm.addr(other(1)))
    );
    appendNext(STEEL, 1);
    refused(
      recoverCall(STEEL, secret(STEEL, RECOVERY), other(3), vm.addr(other(4))),
      _keyRefused(STEEL, secret(STEEL, RECOVERY))
    );
    done(recoverCall(STEEL, other(2), other(3), vm.addr(other(4))));
  }

  function test_a_recovery_needs_a_free_key_and_another_recovery_key() external {
    uint256 recovery = secret(STEEL, RECOVERY);
    refused(
      recoverCall(STEEL, recovery, secret(PLATFORM, ACTS), vm.addr(other(2))),
      _keyTaken(secret(PLATFORM, ACTS), PLATFORM)
    );
    refused(recoverCall(STEEL, recovery, other(1), address(0)), _keyInvalid(address(0)));
    refused(recoverCall(STEEL, recovery, other(1), vm.addr(other(1))), _keyInvalid(vm.addr(other(1))));
    refused(
      recoverCall(STEEL, recovery, other(1), vm.addr(secret(PLATFORM, ACTS))),
      _keyTaken(secret(PLATFORM, ACTS), PLATFORM)
    );
    refused(
      recoverCall(99, recovery, other(1), vm.addr(other(2))),
      abi.encodeWithSelector(IOrganizationRegistry.OrganizationUnknown.selector, 99)
    );
  }

  function test_a_recovery_by_a_regulator_waits_for_objections() external {
    refused(approveRecoveryCall(PLATFORM, STEEL, other(1), vm.addr(other(2))), _kindWrong(PLATFORM, 1, 2));
    refused(
      approveRecoveryCall(REGULATOR, REGULATOR, other(1), vm.addr(other(2))),
      abi.encodeWithSelector(IOrganizationRegistry.OrganizationIsActor.selector, REGULATOR)
    );
    refused(
      approveRecoveryCall(REGULATOR, 99, other(1), vm.addr(other(2))),
      abi.encodeWithSelector(IOrganizationRegistry.OrganizationUnknown.selector, 99)
    );
    refused(approveRecoveryCall(REGULATOR, STEEL, other(1), address(0)), _keyInvalid(address(0)));
    refused(
      approveRecoveryCall(REGULATOR, STEEL, secret(PLATFORM, ACTS), vm.addr(other(2))),
      _keyTaken(secret(PLATFORM, ACTS), PLATFORM)
    );
    done(approveRecoveryCall(REGULATOR, STEEL, other(1), vm.addr(other(2))));
    RecoveryView memory waiting = registry.recoveryOf(STEEL);
    vm.assertEq(waiting.newKey, vm.addr(other(1)));
    vm.assertEq(waiting.effective, NOW + registry.RECOVERY_DELAY());
    _assertKey(secret(STEEL, ACTS), STEEL, ACTS, 0, 0, true);
    vm.warp(waiting.effective - 1);
    refused(
      abi.encodeCall(registry.completeRecovery, (STEEL)),
      abi.encodeWithSelector(IOrganizationRegistry.RecoveryNotYet.selector, STEEL, waiting.effective)
    );
    vm.warp(waiting.effective);
    vm.prank(address(0xBEEF));
    registry.completeRecovery(STEEL);
    _assertKey(secret(STEEL, ACTS), STEEL, ACTS, 0, 0, false);
    _assertKey(other(1), STEEL, ACTS, 0, 0, true);
    vm.assertEq(registry.organizationOf(STEEL).recovery, vm.addr(other(2)));
    refused(abi.encodeCall(registry.completeRecovery, (STEEL)), _recoveryUnknown(STEEL, address(0)));
  }

  function test_an_organization_objects_by_a_key_for_acts_or_its_recovery_key() external {
    uint256[2] memory objectors = [secret(STEEL, ACTS), secret(STEEL, RECOVERY)];
    for (uint256 i = 0; i < 2; i++) {
      done(approveRecoveryCall(REGULATOR, STEEL, other(1), vm.addr(other(2))));
      refused(objectCall(STEEL, other(9), other(1)), _keyRefused(STEEL, other(9)));
      refused(objectCall(STEEL, secret(PLATFORM, ACTS), other(1)), _keyRefused(STEEL, secret(PLATFORM, ACTS)));
      refused(objectCall(STEEL, objectors[i], other(3)), _recoveryUnknown(STEEL, vm.addr(other(3))));
      done(objectCall(STEEL, objectors[i], other(1)));
      vm.assertEq(registry.recoveryOf(STEEL).effective, 0);
      refused(objectCall(STEEL, objectors[i], other(1)), _recoveryUnknown(STEEL, vm.addr(other(1))));
    }
    vm.warp(NOW + 30 days);
    refused(abi.encodeCall(registry.completeRecovery, (STEEL)), _recoveryUnknown(STEEL, address(0)));
  }

  function test_a_recovery_by_the_organization_itself_ends_one_that_waits() external {
    done(approveRecoveryCall(REGULATOR, STEEL, other(1), vm.addr(other(2))));
    done(recoverCall(STEEL, secret(STEEL, RECOVERY), other(3), vm.addr(other(4))));
    vm.warp(NOW + 30 days);
    refused(abi.encodeCall(registry.completeRecovery, (STEEL)), _recoveryUnknown(STEEL, address(0)));
  }

  // Suspension

  function test_a_suspended_organization_can_only_give_up_rights() external {
    bind(STEEL, PLATFORM);
    done(addCall(STEEL, other(1), BATCHES, 1, 9));
    refused(suspendCall(PLATFORM, STEEL), _kindWrong(PLATFORM, 1, 2));
    refused(
      suspendCall(REGULATOR, REGULATOR),
      abi.encodeWithSelector(IOrganizationRegistry.OrganizationIsActor.selector, REGULATOR)
    );
    refused(suspendCall(REGULATOR, 99), abi.encodeWithSelector(IOrganizationRegistry.OrganizationUnknown.selector, 99));
    refused(
      reinstateCall(REGULATOR, STEEL),
      abi.encodeWithSelector(IOrganizationRegistry.OrganizationNotSuspended.selector, STEEL)
    );
    done(suspendCall(REGULATOR, STEEL));
    refused(reinstateCall(PLATFORM, STEEL), _kindWrong(PLATFORM, 1, 2));
    refused(suspendCall(REGULATOR, STEEL), _suspended(STEEL));
    vm.assertTrue(registry.organizationOf(STEEL).suspended);

    refused(addCall(STEEL, other(2), BATCHES, 1, 9), _actorSuspended(STEEL));
    refused(rotateCall(STEEL, secret(STEEL, BATCHES), other(2), 5), _actorSuspended(STEEL));
    done(revokeCall(STEEL, other(1), 0));
    done(unbindCall(STEEL, STEEL, PLATFORM));
    refused(requestCall(STEEL, PLATFORM), _actorSuspended(STEEL));
    done(recoverCall(STEEL, secret(STEEL, RECOVERY), other(3), vm.addr(other(4))));
    done(approveRecoveryCall(REGULATOR, STEEL, other(5), vm.addr(other(6))));
    done(objectCall(STEEL, other(3), other(5)));

    done(reinstateCall(REGULATOR, STEEL));
    newActKey[STEEL] = other(3);
    bind(STEEL, PLATFORM);
  }

  // Short ways

  function appendRefusedByKey(uint256 key, uint64 sequence) private {
    (bool ok,) = address(log).call(abi.encodeCall(log.append, (list(signedEntry(key, 1, STEEL, sequence, "x")))));
    vm.assertFalse(ok);
  }

  function _assertKey(uint256 key, uint64 organization, uint8 purpose, uint64 from, uint64 to, bool active)
    private
    view
  {
    KeyView memory stored = registry.keyOf(vm.addr(key));
    vm.assertEq(stored.organization, organization);
    vm.assertEq(stored.purpose, purpose);
    vm.assertEq(stored.from, from);
    vm.assertEq(stored.to, to);
    vm.assertEq(stored.active, active);
  }

  function _assertNotDeployed(FirstRegulator memory first) private {
    bytes memory code = bytes.concat(vm.getCode("OrganizationRegistry.sol"), abi.encode(first, address(log)));
    address created;
    assembly ("memory-safe") { created := create(0, add(code, 32), mload(code)) }
    vm.assertEq(created, address(0));
  }

  function _hash(Suspend memory act) private pure returns (bytes32) {
    return keccak256(abi.encode(Acts.SUSPEND, act));
  }

  function _keyRefused(uint64 organization, uint256 key) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.ActKeyRefused.selector, organization, vm.addr(key));
  }

  function _consentMissing(uint256 place, address expected, uint256 signer) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.ActSignatureInvalid.selector, place, expected, vm.addr(signer));
  }

  function _applicationUnknown(bytes32 id) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.ApplicationUnknown.selector, id);
  }

  function _kindWrong(uint64 organization, uint8 needed, uint8 kind) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.OrganizationKindWrong.selector, organization, needed, kind);
  }

  function _actorSuspended(uint64 organization) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.ActOrganizationSuspended.selector, organization);
  }

  function _suspended(uint64 organization) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.OrganizationSuspended.selector, organization);
  }

  function _keyInvalid(address key) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.KeyInvalid.selector, key);
  }

  function _keyTaken(uint256 key, uint64 organization) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.KeyTaken.selector, vm.addr(key), organization);
  }

  function _keyUnknown(uint64 organization, uint256 key) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.KeyUnknown.selector, organization, vm.addr(key));
  }

  function _rangeInvalid(uint64 from, uint64 to) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.KeyRangeInvalid.selector, from, to);
  }

  function _rangeUsed(uint64 head, uint64 sequence) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.KeyRangeUsed.selector, head, sequence);
  }

  function _recoveryUnknown(uint64 organization, address key) private pure returns (bytes memory) {
    return abi.encodeWithSelector(IOrganizationRegistry.RecoveryUnknown.selector, organization, key);
  }
}
