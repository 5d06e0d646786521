import { encodeErrorResult } from 'viem'
import { expect, test } from 'vitest'
import { codeOfContractError, LOG_CONTRACT, REGISTRY_CONTRACT, refusalOfRevert } from './contract.ts'
import { REGISTRY_ERRORS } from './errors.ts'

const ABI = [...LOG_CONTRACT.abi, ...REGISTRY_CONTRACT.abi]
const CONTRACT_AREAS = /^E_(ACT|APPLICATIONS?|BINDING|ENTRY|KEY|LOG|ORGANIZATION|RECOVERY)_/

test('every error of the contracts has its code in the table, and no code is left over', () => {
  const inContracts = ABI.flatMap((item) => (item.type === 'error' ? [codeOfContractError(item.name)] : []))
  const inTable = Object.keys(REGISTRY_ERRORS).filter((code) => CONTRACT_AREAS.test(code))
  expect(inTable.toSorted()).toEqual([...new Set(inContracts)].toSorted())
})

test('a revert becomes a code with the values that the contract named', () => {
  const data = encodeErrorResult({ abi: ABI, errorName: 'EntrySequenceNotNext', args: [3n, 7n, 1, 11n, 13n] })
  expect(refusalOfRevert(data)).toMatchObject({
    ok: false,
    code: 'E_ENTRY_SEQUENCE_NOT_NEXT',
    values: { place: 3, organization: 7, kind: 1, head: 11, given: 13 },
  })
  expect(refusalOfRevert('0xdeadbeef')).toMatchObject({ code: 'E_CHAIN_REVERTED' })
})
