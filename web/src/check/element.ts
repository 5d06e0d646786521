/** Makes an element with its attributes and children; texts are texts, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | ((event: Event) => void)>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(attribute, value)
    else made.setAttribute(attribute, value)
  }
  made.append(...children)
  return made
}

const SVG = 'http://www.w3.org/2000/svg'
const PATHS = {
  held: 'M2.5 8.5l4 4 7-9',
  not: 'M3.5 3.5l9 9m0-9l-9 9',
  open: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11',
} as const

/** A tick, a cross or an open circle. */
export function sign(kind: keyof typeof PATHS): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [name, value] of Object.entries({
    width: '16',
    height: '16',
    viewBox: '0 0 16 16',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
    ...(kind === 'open' ? { 'stroke-dasharray': '2.6 3' } : {}),
  }))
    svg.setAttribute(name, value)
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', PATHS[kind])
  svg.append(path)
  return svg
}
