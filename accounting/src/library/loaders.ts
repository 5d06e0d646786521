// Made by `npm run library` from accounting/methodologies and accounting/factors; do not edit.

/** How each document is loaded, by id and version. */
export const LOADERS: Readonly<
  Record<string, () => Promise<{ readonly default: { readonly yaml: string; readonly document: unknown } }>>
> = {
  'building@2024': () => import('./documents/building-2024.json', { with: { type: 'json' } }),
  'cems.co2@2017': () => import('./documents/cems.co2-2017.json', { with: { type: 'json' } }),
  'cn.aluminium@2024': () => import('./documents/cn.aluminium-2024.json', { with: { type: 'json' } }),
  'cn.cement@2024': () => import('./documents/cn.cement-2024.json', { with: { type: 'json' } }),
  'cn.nonferrous@2015': () => import('./documents/cn.nonferrous-2015.json', { with: { type: 'json' } }),
  'cn.petrochemical@2014': () => import('./documents/cn.petrochemical-2014.json', { with: { type: 'json' } }),
  'cn.power@2022': () => import('./documents/cn.power-2022.json', { with: { type: 'json' } }),
  'cn.steel@2024': () => import('./documents/cn.steel-2024.json', { with: { type: 'json' } }),
  'data-centre@2022': () => import('./documents/data-centre-2022.json', { with: { type: 'json' } }),
  'energy.purchased@2025': () => import('./documents/energy.purchased-2025.json', { with: { type: 'json' } }),
  'farm@2019': () => import('./documents/farm-2019.json', { with: { type: 'json' } }),
  'gas-combustion@2024': () => import('./documents/gas-combustion-2024.json', { with: { type: 'json' } }),
  'heat-of-steam@2024': () => import('./documents/heat-of-steam-2024.json', { with: { type: 'json' } }),
  'road-freight@2023': () => import('./documents/road-freight-2023.json', { with: { type: 'json' } }),
  'cn.cement.clinker@2024': () => import('./documents/cn.cement.clinker-2024.json', { with: { type: 'json' } }),
  'cn.cement.substitute@2024': () => import('./documents/cn.cement.substitute-2024.json', { with: { type: 'json' } }),
  'cn.electricity.residual@2025': () => import('./documents/cn.electricity.residual-2025.json', { with: { type: 'json' } }),
  'cn.electricity@2025': () => import('./documents/cn.electricity-2025.json', { with: { type: 'json' } }),
  'cn.fuel.carbon@2024': () => import('./documents/cn.fuel.carbon-2024.json', { with: { type: 'json' } }),
  'cn.fuel.ncv@2024': () => import('./documents/cn.fuel.ncv-2024.json', { with: { type: 'json' } }),
  'cn.fuel.oxidation@2024': () => import('./documents/cn.fuel.oxidation-2024.json', { with: { type: 'json' } }),
  'cn.gas.ncv@2024': () => import('./documents/cn.gas.ncv-2024.json', { with: { type: 'json' } }),
  'cn.material.carbon@2024': () => import('./documents/cn.material.carbon-2024.json', { with: { type: 'json' } }),
  'gwp.ar4@1': () => import('./documents/gwp.ar4-1.json', { with: { type: 'json' } }),
  'gwp.ar5@1': () => import('./documents/gwp.ar5-1.json', { with: { type: 'json' } }),
  'gwp.ar6@1': () => import('./documents/gwp.ar6-1.json', { with: { type: 'json' } }),
}
