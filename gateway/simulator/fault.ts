/** Something that goes wrong in a plant on order (故障注入). Times are plant seconds after the beginning. */
export interface Fault {
  readonly name: FaultName
  /** Probability, factor, seconds: what the fault's name says. */
  readonly value: number
  /** The device's or point's name, where it is not for all. */
  readonly target: string | undefined
  readonly fromS: number
  readonly toS: number
}

/** What can go wrong, and what its number is. */
export const FAULTS = {
  // On the wire: a device that waits for an answer sends again.
  loss: 'probability that a message is lost and sent again after its timeout',
  silence: 'probability that a message is never sent: a device without memory',
  duplicate: 'probability that a message is sent twice',
  reorder: 'probability that a message lets the next ones pass',
  delay: 'probability that a message comes an hour late',
  // In the instrument.
  clock: 'seconds that the device’s clock is ahead',
  stuck: 'the point keeps showing the value that it had',
  // By hand (fraud.md, section 4).
  ratio: 'factor of a meter’s current transformer, such as 0.5',
  peak: 'hours of highest load of the day that are left out',
  resend: 'probability that a packet is sent again with another request number',
} as const

export type FaultName = keyof typeof FAULTS

const WIRE: ReadonlySet<FaultName> = new Set(['loss', 'silence', 'duplicate', 'reorder', 'delay', 'resend'])
const FORM =
  /^([a-z]+)(?::([^=@]{1,60}))?(?:=(-?[0-9.]{1,12}))?(?:@([0-9]{1,9})([smhd]?)(?:\+([0-9]{1,9})([smhd]?))?)?$/
const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Reads an order of faults: `loss=0.01,stuck:co2@6h+3h,clock:cems=3600@2h,ratio:meter=0.5@1d`, each a name, perhaps a device or point,
 * a number, a beginning and a length. @throws RangeError
 */
export function parseFaults(text: string): readonly Fault[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, name = '', target, value, from, fromUnit = '', length, lengthUnit = ''] = FORM.exec(part.trim()) ?? []
      if (!Object.hasOwn(FAULTS, name) || (WIRE.has(name as FaultName) && !(Number(value) >= 0 && Number(value) <= 1)))
        throw new RangeError(
          `"${part.slice(0, 80)}" is no fault of the simulator. It has: ${Object.keys(FAULTS).join(', ')}.`,
        )
      const fromS = Number(from ?? 0) * (SECONDS[fromUnit] ?? 1)
      return {
        name: name as FaultName,
        value: Number(value ?? 1),
        target,
        fromS,
        toS: length === undefined ? Number.POSITIVE_INFINITY : fromS + Number(length) * (SECONDS[lengthUnit] ?? 1),
      }
    })
}

/** The number of a fault as it acts on a device's point at a moment; undefined where it does not. */
export function faultAt(
  faults: readonly Fault[],
  name: FaultName,
  device: string,
  point: string | undefined,
  sinceS: number,
): number | undefined {
  return faults.find(
    (fault) =>
      fault.name === name &&
      (fault.target === undefined || fault.target === device || fault.target === point) &&
      sinceS >= fault.fromS &&
      sinceS < fault.toS,
  )?.value
}
