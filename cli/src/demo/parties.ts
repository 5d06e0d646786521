import type { Party } from '@tanlian/evidence'

/** A party of the demo, with the data that it brings (五位一体). */
export interface DemoParty {
  /** Name of its key set and of its person. */
  readonly name: string
  readonly kind: Party
  readonly zh: string
  readonly en: string
  readonly region: string | null
  readonly industry: string | null
  /** Who signs in for it. */
  readonly person: string
  /** Tables below `data/`, with their mapping. */
  readonly imports: readonly { readonly file: string; readonly mapping: string }[]
  /** Tables below `data/` that it logs as data sets, with the `dataset.json` that says what they are. */
  readonly datasets: readonly { readonly file: string; readonly description: string }[]
  /** The plant of `gateway/simulator` whose devices send for it. */
  readonly plant?: string
}

/** Everybody in the demo. The first is the regulator that the deployment names; the second the platform that enterprises are bound to. */
export const DEMO_PARTIES: readonly DemoParty[] = [
  {
    name: 'regulator',
    kind: 'regulator',
    zh: '生态环境主管部门（演示）',
    en: 'Ecology authority (demo)',
    region: '江苏 Jiangsu',
    industry: null,
    person: '监管员 Demo regulator',
    imports: [],
    datasets: [{ file: 'eu-ets/installations.csv.gz', description: 'eu-ets/dataset.json' }],
  },
  {
    name: 'platform',
    kind: 'platform',
    zh: '碳链平台（演示）',
    en: 'Tanlian platform (demo)',
    region: '江苏 Jiangsu',
    industry: null,
    person: '平台管理员 Demo operator',
    imports: [],
    datasets: [],
  },
  {
    name: 'steel',
    kind: 'enterprise',
    zh: '钢铁厂（演示）',
    en: 'Steel works',
    region: '全罗南道 Jeollanam-do',
    industry: '钢铁 steel',
    person: '企业碳管理员 Demo steel',
    imports: [{ file: 'steel-energy/steel_2018.csv.gz', mapping: 'steel-energy/mapping.yaml' }],
    datasets: [],
    plant: 'steel-works',
  },
  {
    name: 'gas-turbine',
    kind: 'enterprise',
    zh: '燃气轮机电站（演示）',
    en: 'Gas turbine station',
    region: '土耳其 Türkiye',
    industry: '发电 power',
    person: '电站碳管理员 Demo station',
    imports: [{ file: 'gas-turbine/gt_2011.csv.gz', mapping: 'gas-turbine/mapping.yaml' }],
    datasets: [],
    plant: 'power-station',
  },
  {
    name: 'park',
    kind: 'enterprise',
    zh: '城市园区（演示）',
    en: 'City park',
    region: '得土安 Tétouan',
    industry: '园区 park',
    person: '园区碳管理员 Demo park',
    imports: [{ file: 'tetouan-power/tetouan_2017.csv.gz', mapping: 'tetouan-power/mapping.yaml' }],
    datasets: [],
    plant: 'park',
  },
  {
    name: 'farm',
    kind: 'enterprise',
    zh: '农场土壤监测（演示）',
    en: 'Farm soil',
    region: '马里兰 Maryland',
    industry: '农业 farming',
    person: '农场碳管理员 Demo farm',
    imports: [{ file: 'soil-tempest/TEROS21_11192020.dat.gz', mapping: 'soil-tempest/mapping.yaml' }],
    datasets: [],
    plant: 'farm',
  },
  {
    name: 'forest',
    kind: 'enterprise',
    zh: '林业碳汇（演示）',
    en: 'Forest',
    region: '马里兰 Maryland',
    industry: '林业 forestry',
    person: '林场碳管理员 Demo forest',
    imports: [{ file: 'soil-tempest/TEROS33_04182021.dat.gz', mapping: 'soil-tempest/mapping-33.yaml' }],
    datasets: [
      {
        file: 'forest-inventory/tree_inventory_control_freshwater.csv',
        description: 'forest-inventory/dataset.json',
      },
    ],
    plant: 'forest',
  },
  {
    name: 'verifier',
    kind: 'verifier',
    zh: '核查机构（演示）',
    en: 'Verification body (demo)',
    region: '上海 Shanghai',
    industry: null,
    person: '核查员 Demo verifier',
    imports: [],
    datasets: [],
  },
  {
    name: 'exchange',
    kind: 'exchange',
    zh: '碳排放权交易所（演示）',
    en: 'Carbon exchange (demo)',
    region: '上海 Shanghai',
    industry: null,
    person: '交易员 Demo exchange',
    imports: [],
    datasets: [],
  },
]
