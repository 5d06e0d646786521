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
  /** How it keeps its readings, as `tanlian import --seal` has it; all are open where it says nothing (数据隐私). */
  readonly privacy?: string
}

/** Parties that watch the log, each with a witness of its own. Whoever seals names them as readers, so that they audit it. */
export const DEMO_WITNESSES = ['regulator', 'verifier', 'verifier-2'] as const

/** A year that is made up, and says so in every stream. */
const seeded = (plant: string) => ({
  file: `seeded-year/${plant}.csv.gz`,
  mapping: `seeded-year/${plant}.yaml`,
})

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
    imports: [{ file: 'steel-energy/steel_2018.csv.gz', mapping: 'steel-energy/mapping.yaml' }, seeded('steel-works')],
    datasets: [],
    plant: 'steel-works',
    privacy: 'shared',
  },
  {
    name: 'gas-turbine',
    kind: 'enterprise',
    zh: '燃气轮机电站（演示）',
    en: 'Gas turbine station',
    region: '土耳其 Türkiye',
    industry: '发电 power',
    person: '电站碳管理员 Demo station',
    imports: [{ file: 'gas-turbine/gt_2011.csv.gz', mapping: 'gas-turbine/mapping.yaml' }, seeded('power-station')],
    datasets: [],
    plant: 'power-station',
    // What a stack emits is disclosed (污染源自动监测信息公开); its load and fuel are its own.
    privacy: 'shared,04=open',
  },
  {
    name: 'park',
    kind: 'enterprise',
    zh: '城市园区（演示）',
    en: 'City park',
    region: '得土安 Tétouan',
    industry: '园区 park',
    person: '园区碳管理员 Demo park',
    imports: [{ file: 'tetouan-power/tetouan_2017.csv.gz', mapping: 'tetouan-power/mapping.yaml' }, seeded('park')],
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
    imports: [{ file: 'soil-tempest/TEROS21_11192020.dat.gz', mapping: 'soil-tempest/mapping.yaml' }, seeded('farm')],
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
  {
    name: 'cement',
    kind: 'enterprise',
    zh: '水泥熟料厂（示例数据）',
    en: 'Cement works (seeded)',
    region: '安徽 Anhui',
    industry: '水泥 cement',
    person: '水泥厂碳管理员 Demo cement',
    imports: [seeded('cement')],
    datasets: [],
    privacy: 'shared',
  },
  {
    name: 'aluminium',
    kind: 'enterprise',
    zh: '铝冶炼厂（示例数据）',
    en: 'Aluminium smelter (seeded)',
    region: '山东 Shandong',
    industry: '铝冶炼 aluminium',
    person: '铝厂碳管理员 Demo aluminium',
    imports: [seeded('aluminium')],
    datasets: [],
    privacy: 'shared',
  },
  {
    name: 'nonferrous',
    kind: 'enterprise',
    zh: '铜冶炼厂（示例数据）',
    en: 'Copper smelter (seeded)',
    region: '广西 Guangxi',
    industry: '有色 nonferrous',
    person: '铜厂碳管理员 Demo copper',
    imports: [seeded('nonferrous')],
    datasets: [],
    privacy: 'shared',
  },
  {
    name: 'petrochemical',
    kind: 'enterprise',
    zh: '石化企业（示例数据）',
    en: 'Petrochemical works (seeded)',
    region: '广东 Guangdong',
    industry: '石化 petrochemical',
    person: '石化碳管理员 Demo petrochemical',
    imports: [seeded('petrochemical')],
    datasets: [],
    privacy: 'shared',
  },
  {
    name: 'verifier-2',
    kind: 'verifier',
    zh: '第二核查机构（演示）',
    en: 'Second verification body (demo)',
    region: '北京 Beijing',
    industry: null,
    person: '核查员二 Demo verifier 2',
    imports: [],
    datasets: [],
  },
  {
    name: 'laboratory',
    kind: 'laboratory',
    zh: '煤质检测机构（演示）',
    en: 'Coal laboratory (demo)',
    region: '山西 Shanxi',
    industry: null,
    person: '检测员 Demo laboratory',
    imports: [],
    datasets: [],
  },
]
