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
export function sign(kind: keyof typeof PATHS, size = 16): SVGSVGElement {
  return drawing(PATHS[kind], 16, size, kind === 'open' ? { 'stroke-dasharray': '2.6 3' } : {})
}

/** The evidence tree as a mark. */
export function mark(): SVGSVGElement {
  return drawing('M16 7 8 16M16 7l8 9M8 16l-4 9M8 16l4 9M24 16l-4 9M24 16l4 9', 32, 22)
}

function drawing(path: string, box: number, size: number, more: Readonly<Record<string, string>> = {}): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  for (const [name, value] of Object.entries({
    width: String(size),
    height: String(size),
    viewBox: `0 0 ${box} ${box}`,
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
    ...more,
  }))
    svg.setAttribute(name, value)
  const line = document.createElementNS(SVG, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}
