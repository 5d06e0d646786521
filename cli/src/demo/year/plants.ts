import type { AskedInput } from '@tanlian/sdk'

/** A stretch of time that a row of a report is of, Unix seconds, `[from, to)`. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** What a plant of the demo reports: its methodology, and where each input is from. */
export interface ReportingPlant {
  /** Name of the demo's party. */
  readonly party: string
  /** Table and mapping below `data/seeded-year/`. */
  readonly data: string
  readonly subject: string
  /** Of the national market, whose calendar it follows. */
  readonly sector?: 'power' | 'steel' | 'cement' | 'aluminium'
  /** What no report tells and its allowances depend on. */
  readonly facts?: Readonly<Record<string, string>>
  /** Id of a methodology of the library. */
  readonly methodology: string
  /** Inputs that a report has once: of the whole period. */
  readonly single: readonly Line[]
  /** Rows of groups: one of each for every month. */
  readonly groups: Readonly<Record<string, readonly (readonly Line[])[]>>
}

/** One input. */
export type Line =
  | { readonly name: string; readonly total: string; readonly streams?: readonly number[] }
  | { readonly name: string; readonly choice: string }
  /** Read off the plant's document of the year (检测报告、台账): its digest is logged before it is used. */
  | { readonly name: string; readonly voucher: string }
  | { readonly name: string; readonly manual: string; readonly reason: string }

const total = (name: string, type: string, ...streams: readonly number[]): Line => ({
  name,
  total: type,
  ...(streams.length === 0 ? {} : { streams }),
})
const choice = (name: string, value: string): Line => ({ name, choice: value })
const voucher = (name: string, value: string): Line => ({ name, voucher: value })

/** Region and year of the electricity factor: 2023 is the newest that is published. */
const grid = (region: string) => [choice('region', region), choice('year', '2023')]

/** The plants of the seeded year (示例数据). The first four are parties with measured data as well. */
export const REPORTING_PLANTS: readonly ReportingPlant[] = [
  {
    party: 'steel',
    data: 'steel-works',
    subject: '长流程钢铁 blast-furnace works (seeded)',
    sector: 'steel',
    methodology: 'cn.steel',
    single: [total('electrodeUsed', '050300', 507), total('crudeSteel', '060100', 501)],
    groups: {
      fuels: [
        [choice('fuel', 'cokingCoal'), total('fuelUsed', '010100', 502)],
        [choice('fuel', 'anthracite'), total('fuelUsed', '010100', 503)],
      ],
      gases: [[choice('gas', 'naturalGas'), total('gasUsed', '010301', 504)]],
      carbonates: [
        [choice('carbonate', 'limestone'), total('carbonateUsed', '050100', 505)],
        [choice('carbonate', 'dolomite'), total('carbonateUsed', '050100', 506)],
      ],
      bought: [[choice('boughtMaterial', 'pigIron'), voucher('boughtMass', '5250.00')]],
      sold: [[choice('soldProduct', 'crudeSteel'), total('soldMass', '060100', 501)]],
    },
  },
  {
    party: 'gas-turbine',
    data: 'power-station',
    subject: '燃煤机组 1、2 coal units 1 and 2 (seeded)',
    sector: 'power',
    facts: { unitClass: 'coalLarge' },
    methodology: 'cn.power',
    single: [total('electricityMade', '020400')],
    groups: {
      coals: [
        [
          choice('coalSort', 'conventional'),
          total('coalUsed', '010101', 503),
          voucher('coalNcv', '21.350'),
          voucher('coalCarbon', '0.5560'),
        ],
        [
          choice('coalSort', 'conventional'),
          total('coalUsed', '010101', 504),
          voucher('coalNcv', '21.105'),
          voucher('coalCarbon', '0.5512'),
        ],
      ],
    },
  },
  {
    party: 'park',
    data: 'park',
    subject: '工业园区 industrial park (seeded)',
    methodology: 'park',
    single: [
      ...grid('Jiangsu'),
      total('electricity', '020100', 501),
      voucher('exported', '0'),
      total('solar', '020300', 502),
      voucher('certified', '0'),
      total('heat', '030100', 504),
      voucher('heatSold', '0'),
    ],
    groups: { gases: [[choice('gas', 'naturalGas'), total('gasUsed', '010301', 503)]] },
  },
  {
    party: 'farm',
    data: 'farm',
    subject: '农场 farm of 1,000 ha (seeded)',
    methodology: 'farm',
    single: [
      ...grid('Shandong'),
      total('nitrogen', '080100', 501),
      total('diesel', '010201', 502),
      total('irrigation', '020100', 503),
    ],
    groups: {},
  },
  {
    party: 'cement',
    data: 'cement',
    subject: '熟料生产线 clinker line 1 (seeded)',
    sector: 'cement',
    methodology: 'cn.cement',
    single: [choice('clinkerType', 'portland'), total('clinker', '050200', 1)],
    groups: {
      fuels: [[choice('fuel', 'bituminous'), total('fuelUsed', '010100', 2)]],
      substitutes: [[choice('substitute', 'carbideSlag'), voucher('substituteUsed', '5000.00')]],
    },
  },
  {
    party: 'aluminium',
    data: 'aluminium',
    subject: '电解系列 potline 1 (seeded)',
    sector: 'aluminium',
    methodology: 'cn.aluminium',
    single: [
      total('aluminium', '060100', 1),
      { name: 'anodeEffect', manual: '0.15', reason: '槽控机记录 record of the pot controller (seeded)' },
    ],
    groups: {},
  },
  {
    party: 'nonferrous',
    data: 'nonferrous',
    subject: '铜冶炼 copper smelter (seeded)',
    methodology: 'cn.nonferrous',
    single: [
      ...grid('Guangxi'),
      total('coke', '050400', 1),
      total('limestone', '050100', 2),
      total('electricity', '020100', 3),
    ],
    groups: {},
  },
  {
    party: 'petrochemical',
    data: 'petrochemical',
    subject: '乙烯装置 steam cracker (seeded)',
    methodology: 'cn.petrochemical',
    single: [voucher('recovered', '0')],
    groups: {
      gases: [[choice('gas', 'naturalGas'), total('gasUsed', '010301', 3)]],
      entering: [[voucher('mass', '62000.00'), voucher('massCarbon', '0.8460')]],
      leaving: [
        [total('outMass', '060100', 1), voucher('outCarbon', '0.8563')],
        [total('outMass', '060100', 2), voucher('outCarbon', '0.8563')],
      ],
    },
  },
]

/** The inputs of a report over these months; groups have rows for each of them. @param document CID of the plant's document of the year */
export function inputsOf(plant: ReportingPlant, months: readonly Stretch[], document: string): readonly AskedInput[] {
  const whole = { from: (months[0] as Stretch).from, to: (months.at(-1) as Stretch).to }
  const single = plant.single.map((line) => inputOf(line, null, 0, whole, document))
  const grouped = Object.entries(plant.groups).flatMap(([group, rows]) =>
    months.flatMap((month, at) =>
      rows.flatMap((lines, place) =>
        lines.map((line) => inputOf(line, group, at * rows.length + place, month, document)),
      ),
    ),
  )
  return [...single, ...grouped]
}

function inputOf(line: Line, group: string | null, row: number, stretch: Stretch, document: string): AskedInput {
  const { name } = line
  if ('total' in line)
    return { name, group, row, origin: { kind: 'total', type: line.total, streams: line.streams ?? null, ...stretch } }
  if ('choice' in line) return { name, group, row, value: line.choice, origin: { kind: 'choice' } }
  if ('voucher' in line) return { name, group, row, value: line.voucher, origin: { kind: 'voucher', document } }
  return { name, group, row, value: line.manual, origin: { kind: 'manual', reason: line.reason } }
}
