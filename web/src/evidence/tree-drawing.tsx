import { decodeKey, kindInfo } from '@tanlian/evidence'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatQuantity } from '../format.ts'
import { ScrollBox } from '../shell/scroll-box.tsx'
import type { DrawnNode, DrawnTree, Part } from './proof-tree.ts'

const COLUMN = 26
const LEVEL = 34
const MARGIN = 18
const PARTS: readonly Part[] = ['opened', 'pruned-inside', 'leaf-inside', 'pruned-outside', 'leaf-outside']

/** A proof drawn as the tree that it is; choose a node to read it. The list under it tells the same without the picture. */
export function TreeDrawing({ tree }: { tree: DrawnTree }) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState(0)
  const width = Math.max(1, tree.columns) * COLUMN + 2 * MARGIN
  const height = (tree.depth + 1) * LEVEL + MARGIN
  const at = (node: DrawnNode) => ({ x: MARGIN + (node.x + 0.5) * COLUMN, y: MARGIN + node.depth * LEVEL })
  const node = tree.nodes[chosen]
  const drawing = useRef<SVGSVGElement>(null)
  // The picture takes clicks as a whole; by keyboard the two buttons below walk through the same nodes.
  useEffect(() => {
    const choose = (event: Event) => {
      const id =
        event.target instanceof Element ? event.target.closest('[data-node]')?.getAttribute('data-node') : undefined
      if (id !== undefined && id !== null) setChosen(Number(id))
    }
    const place = drawing.current
    place?.addEventListener('click', choose)
    return () => place?.removeEventListener('click', choose)
  }, [])
  return (
    <div className="stack">
      <ul className="tree-legend small">
        {PARTS.map((part) => (
          <li key={part}>
            <svg width="18" height="16" aria-hidden="true">
              <Sign part={part} x={9} y={8} chosen={false} />
            </svg>
            {t(`tree.part.${part}`)}
          </li>
        ))}
      </ul>
      <ScrollBox className="tree-scroll" label={t('tree.label')}>
        <svg ref={drawing} width={width} height={height} className="tree" role="img" aria-label={t('tree.label')}>
          <title>{t('tree.label')}</title>
          {tree.nodes.map((child) => {
            const parent = child.parent === undefined ? undefined : tree.nodes[child.parent]
            if (parent === undefined) return null
            const a = at(parent)
            const b = at(child)
            return <path key={child.id} d={`M${a.x} ${a.y}V${(a.y + b.y) / 2}H${b.x}V${b.y}`} className="tree-edge" />
          })}
          {tree.nodes.map((one) => {
            const { x, y } = at(one)
            return (
              <g key={one.id} data-node={one.id} className="tree-node">
                <rect x={x - 12} y={y - 12} width="24" height="24" fill="transparent" />
                <Sign part={one.part} x={x} y={y} chosen={one.id === chosen} />
              </g>
            )
          })}
        </svg>
      </ScrollBox>
      {node !== undefined && (
        <div className="sheet sunk">
          <div className="row between">
            <strong>{t(`tree.part.${node.part}`)}</strong>
            <span className="row">
              <button type="button" disabled={chosen === 0} onClick={() => setChosen(chosen - 1)}>
                {t('tree.previous')}
              </button>
              <button type="button" disabled={chosen === tree.nodes.length - 1} onClick={() => setChosen(chosen + 1)}>
                {t('tree.next')}
              </button>
            </span>
          </div>
          <NodeFacts node={node} />
        </div>
      )}
    </div>
  )
}

function Sign({ part, x, y, chosen }: { part: Part; x: number; y: number; chosen: boolean }) {
  const tone = `tree-sign ${part}${chosen ? ' chosen' : ''}`
  if (part === 'opened') return <circle cx={x} cy={y} r="4" className={tone} />
  if (part.startsWith('leaf')) return <circle cx={x} cy={y} r="6" className={tone} />
  return <rect x={x - 7} y={y - 7} width="14" height="14" rx="2" className={tone} />
}

function NodeFacts({ node }: { node: DrawnNode }) {
  const { t, i18n } = useTranslation()
  const min = decodeKey(node.min)
  const max = decodeKey(node.max)
  // A sum over several groups has no unit and is not shown (spec section 1).
  const kind = min.type >>> 16 === max.type >>> 16 ? kindInfo(min.type >>> 8) : undefined
  const name = kind === undefined ? t('tree.severalTypes') : i18n.language === 'en' ? kind.en : kind.zh
  return (
    <dl className="facts">
      <dt>{t('tree.type')}</dt>
      <dd>{name}</dd>
      <dt>{t('tree.streams')}</dt>
      <dd>{min.stream === max.stream ? min.stream : `${min.stream} – ${max.stream}`}</dd>
      <dt>{t('tree.from')}</dt>
      <dd>{formatMoment(min.start)}</dd>
      {node.count > 1 && (
        <>
          <dt>{t('tree.to')}</dt>
          <dd>{formatMoment(max.start)}</dd>
        </>
      )}
      <dt>{t('tree.count')}</dt>
      <dd>{formatCount(node.count)}</dd>
      {kind !== undefined && (
        <>
          <dt>{t('tree.quantity')}</dt>
          <dd>{formatQuantity(BigInt(node.quantity), BigInt(node.seconds), kind)}</dd>
        </>
      )}
    </dl>
  )
}
