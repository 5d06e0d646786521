import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addRatios, divideRatios, multiplyRatios, parseRatio, type Ratio, type Rounding, ratio } from '@tanlian/units'
import { expect, test } from 'vitest'
import {
  type Given,
  type Outcome,
  shownText,
  shownTexts,
  uncertaintyOfProduct,
  uncertaintyOfSum,
  valuesOf,
} from '../src/index.ts'
import { FACTOR_SETS, run, shown } from './library.ts'

type Numbers = Readonly<Record<string, string | number>>

interface Vector {
  readonly id: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly result: Readonly<Record<string, unknown>>
}

const { vectors } = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/worked-examples.json'), 'utf8')) as {
  readonly vectors: readonly Vector[]
}

/** Inputs of a worked example as text, and its results. */
function example(id: string) {
  const found = vectors.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no vector ${id}`)
  const { inputs, result } = found
  return {
    of: (name: string) => String(inputs[name]),
    rows: (name: string) => Object.entries(inputs[name] as Record<string, Numbers>),
    result,
  }
}

/** Compares the shown values of equations with the results of a worked example, digit for digit. */
function expectShown(
  outcome: ReturnType<typeof run>,
  result: Vector['result'],
  pairs: Readonly<Record<string, string>>,
) {
  for (const [key, equation] of Object.entries(pairs))
    expect([key, shown(outcome, equation)]).toEqual([key, String(result[key])])
}

test('A1 coal power: measured, by default, and by the default before', () => {
  const { of, result } = example('A1')
  const coal = { coalUsed: of('FC_t'), coalNcv: of('NCV_GJ_t') }
  const at = (more: Given, sets = FACTOR_SETS) =>
    run('cn.power', { values: { electricityMade: '600000' }, groups: { coals: [{ ...coal, ...more }] } }, sets)
  const measured = at({ coalCarbon: of('Car_tC_t') })
  expectShown(measured, result, { measured_t: 'total', impliedCC: 'impliedCarbon' })
  const byDefault = at({ coalSort: 'conventional' })
  expectShown(byDefault, result, { default_t: 'total' })
  expect(byDefault.checks).toMatchObject([{ rows: [] }, { check: { name: 'carbonMeasured' }, rows: [0] }, { rows: [] }])
  const before = at(
    { coalSort: 'conventional' },
    FACTOR_SETS.filter(({ id, version }) => id !== 'cn.power.carbon' || version === '2021'),
  )
  expectShown(before, result, { oldDefault_t: 'total' })
  const penalty = (more: Outcome) => {
    const [a, b] = [measured, more].map((one) => valuesOf(one, 'total')[0] ?? ratio(0n)) as [Ratio, Ratio]
    const over = addRatios(divideRatios(b, a), ratio(-1n))
    return shownText(multiplyRatios(over, ratio(100n)), { places: 3, rounding: 'half-up' })
  }
  expect([penalty(byDefault), penalty(before)]).toEqual([result.defaultPenaltyPct, result.oldPenaltyPct])
})

test('A2 steel by carbon balance, lines and total each rounded once', () => {
  const { rows, of, result } = example('A2')
  const fuels: Given[] = []
  const gases: Given[] = []
  for (const [fuel, { FC, NCV, CC }] of rows('fuels'))
    if (fuel === 'naturalGas_1e4Nm3') gases.push({ gas: 'naturalGas', gasUsed: String(FC) })
    else fuels.push({ fuel, fuelUsed: String(FC), fuelNcv: String(NCV), fuelCarbon: String(CC) })
  const materials = new Map([
    ['pigIronBought', 'pigIron'],
    ['scrapBought', 'scrap'],
    ['crudeSteel', 'crudeSteel'],
    ['tarSold', 'coalTar'],
    ['crudeBenzolSold', 'crudeBenzol'],
  ])
  const material = (name: string) => materials.get(name) ?? name
  expect(of('electrode')).toBeDefined()
  const outcome = run('cn.steel', {
    values: { electrodeUsed: '500', crudeSteel: '2000000' },
    groups: {
      fuels,
      gases,
      carbonates: rows('carbonates').map(([carbonate, { t }]) => ({ carbonate, carbonateUsed: String(t) })),
      bought: rows('materials').map(([name, { t }]) => ({ boughtMaterial: material(name), boughtMass: String(t) })),
      sold: rows('products').map(([name, { t }]) => ({ soldProduct: material(name), soldMass: String(t) })),
    },
  })
  expectShown(outcome, result, {
    fuel_t: 'fuels_',
    carbonates_t: 'carbonates_',
    electrode_t: 'electrodes',
    carbonMaterials_t: 'materials',
    embedded_t: 'products',
    enterprise_t: 'enterprise',
    reported_t: 'reported',
    perTonneCrudeSteel: 'intensity',
  })
  const lines = [...valuesOf(outcome, 'fuelLine'), ...valuesOf(outcome, 'gasLine')]
  expect(lines.map((line) => shownText(line, { places: 2, rounding: 'half-up' }))).toEqual(
    Object.values(result.fuelParts as Numbers),
  )
  expect(outcome.checks).toMatchObject([{ rows: [] }])
})

test('A3 cement clinker', () => {
  const { of, result } = example('A3')
  const outcome = run('cn.cement', {
    values: { clinkerType: 'portland', clinker: of('clinker_t') },
    groups: {
      fuels: [{ fuel: 'bituminous', fuelUsed: of('bituminous_t') }],
      substitutes: [{ substitute: 'carbideSlag', substituteUsed: of('carbideSlag_t') }],
    },
  })
  expectShown(outcome, result, {
    process_t: 'process',
    fuel_t: 'fuelTotal',
    total_t: 'total',
    intensity_t_per_t: 'intensity',
    carbideSubstitutionRatePct: 'substitution',
  })
})

test('A4 aluminium, by default and measured', () => {
  const { of, result } = example('A4')
  const values = { aluminium: of('Al_t') }
  expectShown(run('cn.aluminium', { values, groups: {} }), result, {
    pfcDefault_t: 'pfc',
    anode_t: 'anode',
    totalDefault_t: 'total',
    intensity: 'intensity',
  })
  const measured = run('cn.aluminium', { values: { ...values, anodeEffect: of('AEM_min_per_cell_day') }, groups: {} })
  expectShown(measured, result, { pfcMeasured_t: 'pfc' })
})

test('A5 one hour of continuous monitoring', () => {
  const { of, result } = example('A5')
  const outcome = run('cems.co2', {
    values: {},
    groups: {
      hours: [
        {
          co2Dry: of('CO2_dry_volPct'),
          velocity: of('v_ms'),
          duct: of('F_m2'),
          temperature: of('t_C'),
          atmosphere: of('Ba_Pa'),
          staticPressure: of('Ps_Pa'),
          moisture: of('Xsw'),
          length: '1',
        },
      ],
    },
  })
  expectShown(outcome, result, {
    C_mg_m3: 'concentration',
    Qsh_m3h: 'flowWet',
    Qsn_m3h: 'flowDry',
    G_t_h: 'total',
  })
})

test('A6 electricity and heat bought, by location and by market', () => {
  const { of, result } = example('A6')
  const at = (region: string) =>
    run('energy.purchased', {
      values: {
        region,
        year: '2023',
        electricity: of('MWh'),
        certified: of('GEC_MWh'),
        heat: of('heat_GJ'),
      },
      groups: {},
    })
  expectShown(at('Shandong'), result, {
    location_t: 'electricityLocation',
    marketResidual_t: 'electricityMarket',
    heat_t: 'heatLine',
    locationPlusHeat_t: 'totalLocation',
    marketPlusHeat_t: 'totalMarket',
  })
  expectShown(at('national'), result, { nationalLocation_t: 'electricityLocation' })
})

test('A7 farm', () => {
  const { of, result } = example('A7')
  const values = {
    nitrogen: of('N_kg'),
    diesel: of('diesel_t'),
    irrigation: of('irrigation_MWh'),
    region: 'national',
    year: '2023',
  }
  expectShown(run('farm', { values, groups: {} }), result, {
    N2O_kg: 'n2o',
    N2O_t_AR5: 'fertiliser',
    N2O_t_AR6: 'fertiliserAr6',
    diesel_t: 'machinery',
    irrigation_t: 'irrigationLine',
    total_AR5_t: 'total',
  })
})

test('A8 forest stock change', () => {
  const { of, result } = example('A8')
  const outcome = run('sink.forest', {
    values: { years: of('years') },
    groups: {
      strata: [
        {
          area: of('area_ha'),
          volume1: of('V1'),
          volume2: of('V2'),
          density: of('D'),
          expansion: of('BEF'),
          rootShoot: of('R'),
          carbonFraction: of('CF'),
        },
      ],
    },
  })
  expectShown(outcome, result, { C1_t: 'stock1', C2_t: 'stock2', annual_t: 'gain' })
})

test('A9 data centre', () => {
  const { of, result } = example('A9')
  const outcome = run('data-centre', {
    values: {
      region: 'national',
      year: '2023',
      electricity: of('total_MWh'),
      computing: of('IT_MWh'),
      certified: of('GEC_MWh'),
    },
    groups: {},
  })
  expectShown(outcome, result, {
    PUE: 'pue',
    CUE_location: 'cueLocation',
    location_t: 'location',
    marketResidual_t: 'market',
    CUE_market: 'cueMarket',
  })
})

test('A10 building', () => {
  const { of, result } = example('A10')
  const outcome = run('building', {
    values: {
      region: 'Beijing',
      year: '2023',
      electricity: of('elec_MWh'),
      gasUsed: of('gas_1e4Nm3'),
      heat: of('districtHeat_GJ'),
      area: of('area_m2'),
    },
    groups: {},
  })
  expectShown(outcome, result, {
    elec_t: 'electricityLine',
    gas_t: 'gasLine',
    heat_t: 'heatLine',
    total_t: 'total',
    kg_per_m2: 'intensity',
  })
})

test('A11 road freight', () => {
  const { of, result } = example('A11')
  const outcome = run('road-freight', {
    values: {},
    groups: { trips: [{ use: `${of('L_per_100km')}/100`, distance: of('km'), load: of('load_t') }] },
  })
  expectShown(outcome, result, {
    litres: 'litres',
    E_kg: 'total',
    g_per_tkm: 'intensity',
    dieselEF_t_t: 'dieselFactor',
    diesel_t: 'fuel',
  })
})

test('A12 uncertainty of products and of their sum', () => {
  const { inputs, result } = vectors.find((one) => one.id === 'A12') as Vector
  const ratios = (name: string) => (inputs[name] as readonly number[]).map((value) => parseRatio(String(value)))
  const terms = [1, 2].map((n) => ({
    value: parseRatio(String(inputs[`E${n}`])),
    percent: uncertaintyOfProduct(ratios(`u${n}`)),
  }))
  const { halfWidth, percent } = uncertaintyOfSum(terms)
  const text = (value: Ratio, places: number) => shownText(value, { places, rounding: 'half-up' })
  expect({
    U1_pct: text(terms[0]?.percent as Ratio, 4),
    U2_pct: text(terms[1]?.percent as Ratio, 4),
    Utotal_pct: text(percent, 4),
    halfWidth_t: text(halfWidth, 1),
  }).toEqual(result)
})

test('A13 grassland and mangrove, A17 wetland less methane', () => {
  const { of, result } = example('A13')
  const land = run('sink.land', {
    values: {},
    groups: {
      strata: [
        { area: of('grass_ha'), soil: of('soil_tC_ha_yr') },
        { area: of('mangrove_ha'), soil: of('soil2_tC_ha_yr'), biomass: of('biomass_tC_ha_yr') },
      ],
    },
  })
  expect(shownTexts(land, 'stored')).toEqual([result.grass_t, result.mangrove_t])
  const wet = example('A17')
  const strata = [{ area: wet.of('ha'), soil: wet.of('soil_tC_ha_yr'), methane: wet.of('CH4_kg_ha_yr') }]
  expectShown(run('sink.land', { values: {}, groups: { strata } }), wet.result, {
    soil_t: 'gain',
    CH4_t: 'methaneMass',
    net_AR5_t: 'net',
    net_AR6_t: 'netAr6',
  })
})

test('A14 a volume of gas in two reference states', () => {
  const { of, result } = example('A14')
  const volume20 = String(Number(of('evidence_L_20C')) / 1000)
  const outcome = run('gas-combustion', { values: { volume20 }, groups: {} })
  expectShown(outcome, result, { V0_1e4m3: 'volume0', E_rowAt20C_t: 'at20', E_rowAt0C_t: 'at0' })
})

test('A15 coal from air-dried to as-received basis', () => {
  const { of, result } = example('A15')
  const outcome = run('cn.power', {
    values: { electricityMade: '1' },
    groups: {
      coals: [
        {
          coalUsed: of('FC_t'),
          coalNcv: '20',
          coalCarbonDry: `${of('Cad_pct')}/100`,
          moistureReceived: `${of('Mar_pct')}/100`,
          moistureDry: `${of('Mad_pct')}/100`,
        },
      ],
    },
  })
  expectShown(outcome, result, { E_t: 'total' })
  const [carbon] = valuesOf(outcome, 'coalCarbonUsed')
  expect(
    carbon && shownText({ ...carbon, numerator: carbon.numerator * 100n }, { places: 4, rounding: 'half-up' }),
  ).toBe(result.Car_pct)
})

test('A16 heat of steam and hot water', () => {
  const { of, result } = example('A16')
  const outcome = run('heat-of-steam', {
    values: {},
    groups: {
      steams: [{ steam: of('steam_t'), enthalpy: of('h_kJ_kg') }],
      waters: [{ water: of('water_t'), temperature: of('T_C') }],
    },
  })
  expectShown(outcome, result, {
    steam_GJ: 'steamHeat',
    water_GJ: 'waterHeat',
    steam_t_CO2: 'steamLine',
    water_t_CO2: 'waterLine',
  })
})

test('A18 petrochemical carbon balance', () => {
  const { of, result } = example('A18')
  const outcome = run('cn.petrochemical', {
    values: { recovered: of('recovered_tCO2') },
    groups: {
      entering: [{ mass: of('in_t'), massCarbon: of('CCin') }],
      leaving: [{ outMass: of('out_t'), outCarbon: of('CCout') }],
    },
  })
  expectShown(outcome, result, { process_t: 'process', net_t: 'total' })
})

test('A19 nonferrous smelter', () => {
  const { of, result } = example('A19')
  const outcome = run('cn.nonferrous', {
    values: {
      region: 'Guangxi',
      year: '2023',
      coke: of('coke_t'),
      limestone: of('limestone_t'),
      electricity: of('MWh'),
    },
    groups: {},
  })
  expectShown(outcome, result, {
    reductant_t: 'reductant',
    carbonate_t: 'carbonate_',
    power_t: 'electricityLine',
    total_t: 'total',
  })
})

test('T3 a tie on a report line goes as the methodology names it', () => {
  const { of, result } = example('T3')
  const line = multiplyRatios(parseRatio(of('limestone_t')), parseRatio(of('EF')))
  const text = (rounding: Rounding) => shownText(line, { places: 2, rounding })
  expect([text('half-up'), text('half-even')]).toEqual([result.halfUp, result.halfEven])
})

test('every vector about accounting is calculated here', () => {
  const source = readFileSync(import.meta.filename, 'utf8')
  const ids = vectors.map(({ id }) => id).filter((id) => /^[AT]/.test(id))
  expect(ids.filter((id) => !new RegExp(`'(?:[^'\\n]* )?${id}\\b`).test(source))).toEqual([])
})

test('T1 T2 T4 ties go as the methodology names them, in one step', () => {
  for (const id of ['T1', 'T2']) {
    const { inputs, result } = vectors.find((one) => one.id === id) as Vector
    const mode = inputs.mode as 'half-even' | 'half-up'
    const cases = inputs.cases as readonly { value: string; places: number }[]
    expect(cases.map(({ value, places }) => shownText(parseRatio(value), { places, rounding: mode }))).toEqual(
      result.rounded,
    )
  }
  expect(shownText(parseRatio('7.4497'), { places: 0, rounding: 'half-up' })).toBe('7')
})
