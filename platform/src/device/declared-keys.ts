import { type DeviceKeys, declareKeys, KEY_CHANGE_TYPE, type StreamItem } from '@tanlian/evidence'
import { organizationState } from '../evidence/organization-state.ts'
import type { Instance } from '../instance.ts'
import '../series/schema.ts'

/** The keys of an organization's devices as its batches up to a sequence declare them, each batch that did so in its turn (decision 0010). */
export async function declaredKeys(
  instance: Pick<Instance, 'db'>,
  organization: number,
  upTo: number,
): Promise<DeviceKeys> {
  const state = await organizationState(instance, organization)
  const items = [...(state?.streams.values() ?? [])].filter((item) => item.type === KEY_CHANGE_TYPE || 'key' in item)
  if (items.length === 0) return new Map()
  const rows = await instance.db
    .selectFrom('device_stream')
    .select(['stream', 'since_sequence'])
    .where('organization', '=', organization)
    .where('since_sequence', '<=', upTo)
    .execute()
  const since = new Map(rows.map((row) => [row.stream, row.since_sequence]))
  const bySequence = Map.groupBy(items, ({ stream }) => since.get(stream))
  return [...bySequence]
    .filter((group): group is [number, StreamItem[]] => group[0] !== undefined)
    .sort(([a], [b]) => a - b)
    .reduce<DeviceKeys>((keys, [sequence, group]) => declareKeys(keys, organization, group, sequence), new Map())
}
