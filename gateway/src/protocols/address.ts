import { TanlianError } from '@tanlian/units'
import type { Device } from '../device.ts'

/** One key of a device's address: what form it has, and what it is where it is left out (otherwise it must be there). */
export interface AddressField {
  readonly form: 'text' | 'number' | readonly string[]
  readonly or?: string | number
  /** Least and greatest number. */
  readonly bounds?: readonly [number, number]
}

/**
 * A device's address as its protocol wants it: exactly these keys.
 * @throws TanlianError E_PLANT, naming device and key
 */
export function readAddress<const F extends Readonly<Record<string, AddressField>>>(
  device: Device,
  wanted: F,
): { readonly [K in keyof F]: F[K]['form'] extends 'number' ? number : string } {
  const found: Record<string, string | number> = Object.create(null)
  for (const key of Object.keys(device.address))
    if (!Object.hasOwn(wanted, key)) throw addressError(device, key, 'is not a known key')
  for (const [key, { form, or, bounds = [0, Number.MAX_SAFE_INTEGER] }] of Object.entries(wanted)) {
    const value = device.address[key] ?? or
    if (value === undefined) throw addressError(device, key, 'is missing')
    if (form === 'number') {
      if (typeof value !== 'number' || value < bounds[0] || value > bounds[1])
        throw addressError(device, key, `is not a whole number of ${bounds[0]} to ${bounds[1]}`)
    } else if (typeof value !== 'string') throw addressError(device, key, 'is not a text; put it in quotes')
    else if (form !== 'text' && !form.includes(value))
      throw addressError(device, key, `is not one of: ${form.join(', ')}`)
    found[key] = value
  }
  return found as { readonly [K in keyof F]: F[K]['form'] extends 'number' ? number : string }
}

/** As {@link readAddress}, for where a point is found. @throws TanlianError E_PLANT */
export function readSource<const F extends Readonly<Record<string, AddressField>>>(
  device: Device,
  point: { readonly name: string; readonly source: Device['address'] },
  wanted: F,
): { readonly [K in keyof F]: F[K]['form'] extends 'number' ? number : string } {
  return readAddress({ ...device, id: `${device.id} ${point.name}`, address: point.source }, wanted)
}

/** A refusal that names the device; what stands there is not shown, as it may be a password. */
export function addressError(device: { readonly id: string }, key: string, why: string): TanlianError {
  return new TanlianError('E_PLANT', `The address of ${device.id}: ${key} ${why}.`, {
    values: { device: device.id, place: key, why },
  })
}
