import { encodeBlock, type StreamItem } from '@tanlian/evidence'
import { loadLibrary } from '../src/library.ts'
import type { PlantPlan } from './plant-report.ts'

const DAY = 86_400
const blockOf = async (id: string) => encodeBlock((await loadLibrary(id)).document)
const stream = (number: number, type: number): StreamItem => ({
  stream: number,
  type,
  device: `meter-${number}`,
  interval: 3600,
})
const { item } = await loadLibrary('cn.power')

/** A small power plant for six days in two windows: coal, gas and generation measured, the coal analysed. */
export const POWER_PLAN: PlantPlan = {
  streams: [stream(1, 0x010101), stream(2, 0x010101), stream(3, 0x010301), stream(4, 0x020400), stream(5, 0x0b0100)],
  days: 6,
  windows: [
    [0, 3 * DAY],
    [3 * DAY, 6 * DAY],
  ],
  methodology: await blockOf('cn.power'),
  factors: await Promise.all(item.sets.map(blockOf)),
  totals: [
    { name: 'coalUsed', group: 'coals', type: '010101' },
    { name: 'gasUsed', group: 'gases', type: '010301' },
    { name: 'electricityMade', group: null, type: '0204' },
  ],
  analysed: [
    { name: 'coalNcv', group: 'coals', value: '21.350', unit: 'GJ[LHV]/t[coal, as received]' },
    { name: 'coalCarbon', group: 'coals', value: '0.5560', unit: 'tC/t[coal, as received]' },
  ],
  manual: [],
}
