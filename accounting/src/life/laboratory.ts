import type { Analysis, Handover, Sample, SampleReceipt, Voucher } from '../document/laboratory.ts'
import { type RegisterState, type Rule, registerError, requireKnown, type SampleLife, type Stated } from './state.ts'

/** A step is logged at most this long after it happened (rule 3); later is a back-dated report. */
export const LATEST_SECONDS = 48 * 3600

export const sampleRule: Rule<Sample> = (state, stated) => {
  const { taken, sealed } = stated.content
  requireTimely(stated, 'taking and sealing', taken, sealed)
  return () => {
    const life: SampleLife = { ...stated, handover: undefined, receipt: undefined, analysis: undefined }
    state.samples.set(stated.cid.toString(), life)
  }
}

export const handoverRule: Rule<Handover> = (state, stated) => {
  const { sample: cid, at } = stated.content
  const sample = requireKnown(state.samples.get(cid.toString()), 'sample', cid)
  requireOwner('sample', sample.organization, stated)
  requireFirst('handover', sample.handover)
  requireAfter('handover', at, 'sealing', sample.content.sealed)
  requireTimely(stated, 'handover', at)
  return () => {
    sample.handover = stated
    state.sampleOf.set(stated.cid.toString(), sample)
  }
}

export const receiptRule: Rule<SampleReceipt> = (state, stated) => {
  const { handover: cid, at } = stated.content
  const sample = requireChain(state, cid, 'handover')
  const handover = requireKnown(sample.handover, 'handover', cid)
  requireOwner('handover', handover.content.laboratory, stated)
  requireFirst('receipt', sample.receipt)
  requireAfter('receipt', at, 'handover', handover.content.at)
  requireTimely(stated, 'receipt', at)
  return () => {
    sample.receipt = stated
    state.sampleOf.set(stated.cid.toString(), sample)
  }
}

export const analysisRule: Rule<Analysis> = (state, stated) => {
  const { receipt: cid, analysed, number } = stated.content
  const sample = requireChain(state, cid, 'receipt')
  const receipt = requireKnown(sample.receipt, 'receipt', cid)
  requireOwner('receipt', receipt.organization, stated)
  requireFirst('analysis', sample.analysis)
  if (!receipt.content.intact)
    throw registerError('E_REGISTER_SEAL', 'The seal of this sample was broken on receipt; take another.', {
      label: sample.content.label,
    })
  requireAfter('analysis', analysed, 'receipt', receipt.content.at)
  requireTimely(stated, 'analysis', analysed)
  const name = `${stated.organization} ${number}`
  if (state.numbers.has(name))
    throw registerError('E_REGISTER_NUMBER', `This laboratory has used the analysis number ${number} before.`, {
      number,
    })
  return () => {
    sample.analysis = stated
    state.sampleOf.set(stated.cid.toString(), sample)
    state.numbers.add(name)
  }
}

export const voucherRule: Rule<Voucher> = (state, stated) => () => {
  state.vouchers.set(stated.cid.toString(), stated)
}

function requireChain(state: RegisterState, cid: Stated<unknown>['cid'], what: 'handover' | 'receipt'): SampleLife {
  const sample = requireKnown(state.sampleOf.get(cid.toString()), what, cid)
  return requireKnown(sample[what]?.cid.equals(cid) ? sample : undefined, what, cid)
}

function requireOwner(what: string, organization: number, stated: Stated<unknown>) {
  if (organization !== stated.organization)
    throw registerError('E_REGISTER_OWNER', `The ${what} is for organization ${organization} to go on with.`, {
      what,
      organization,
    })
}

/** Rule 1: one of each. */
function requireFirst(what: string, earlier: Stated<unknown> | undefined) {
  if (earlier !== undefined)
    throw registerError('E_REGISTER_TWICE', `This sample has a ${what} already; a sample is used once.`, {
      what,
      cid: earlier.cid.toString(),
    })
}

/** Rule 2: times never go back. */
function requireAfter(what: string, at: number, before: string, earlier: number) {
  if (at < earlier)
    throw registerError(
      'E_REGISTER_TIMES',
      `The ${what} says ${at}, before the ${before} at ${earlier} (Unix seconds).`,
      {
        what,
        at,
        before,
        earlier,
      },
    )
}

/** Rule 3: logged when it happened, not before and not long after. */
function requireTimely({ time }: Stated<unknown>, what: string, first: number, last = first) {
  if (last > time)
    throw registerError(
      'E_REGISTER_EARLY',
      `The ${what} is logged at ${time}, before it happens at ${last} (Unix seconds).`,
      {
        what,
        time,
        at: last,
      },
    )
  if (time - first > LATEST_SECONDS)
    throw registerError(
      'E_REGISTER_LATE',
      `The ${what} at ${first} is logged at ${time}, more than 48 hours later (Unix seconds).`,
      { what, time, at: first },
    )
}
