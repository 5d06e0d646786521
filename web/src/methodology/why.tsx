import type { Methodology, TraceNode } from '@tanlian/accounting'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { shorten } from '../format.ts'
import { SourceLine } from './confidence.tsx'
import { figureText, unitText } from './figure.ts'

/** Rows of one name shown before the reader asks for the rest. */
const FIRST = 12

/**
 * Why a number is what it is (追根溯源): each value with its rule, opened downwards to what it was computed from, until a source, a document or a
 * proven total. `evidenceOf` draws what stands behind an input, such as a link to its proof.
 */
export function Why({
  tops,
  methodology,
  evidenceOf,
}: {
  tops: readonly TraceNode[]
  methodology: Methodology
  evidenceOf?: (node: TraceNode) => ReactNode
}) {
  const { t } = useTranslation()
  return (
    <div className="why">
      <p className="small muted">{t('methodology:why.lead')}</p>
      <ul className="why-tree">
        {tops.map((node) => (
          <WhyNode
            key={node.cid.toString()}
            node={node}
            methodology={methodology}
            open={tops.length === 1}
            {...(evidenceOf === undefined ? {} : { evidenceOf })}
          />
        ))}
      </ul>
    </div>
  )
}

function WhyNode({
  node,
  methodology,
  open,
  evidenceOf,
}: {
  node: TraceNode
  methodology: Methodology
  open: boolean
  evidenceOf?: (node: TraceNode) => ReactNode
}) {
  const { t, i18n } = useTranslation()
  const [opened, setOpened] = useState(open)
  const [shown, setShown] = useState(FIRST)
  const words = wordsOf(methodology, node.name)
  const head = (
    <>
      <span className="why-name">
        {words === undefined ? node.name : textsIn(words, i18n.language)}
        {node.row === undefined ? '' : ` · ${t('methodology:why.row', { row: node.row + 1 })}`}
      </span>
      <span className="why-value">
        {node.unit === '' ? node.value : figureText(node.value)} {unitText(node.unit)}
      </span>
    </>
  )
  if (node.inputs.length === 0)
    return (
      <li>
        <div className="why-head leaf">{head}</div>
        <Ground node={node} {...(evidenceOf === undefined ? {} : { evidenceOf })} />
      </li>
    )
  return (
    <li>
      <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary className="why-head">{head}</summary>
        <Ground node={node} {...(evidenceOf === undefined ? {} : { evidenceOf })} />
        {opened && (
          <ul>
            {node.inputs.slice(0, shown).map((input) => (
              <WhyNode
                key={input.cid.toString()}
                node={input}
                methodology={methodology}
                open={false}
                {...(evidenceOf === undefined ? {} : { evidenceOf })}
              />
            ))}
            {node.inputs.length > shown && (
              <li>
                <button type="button" className="plain" onClick={() => setShown(node.inputs.length)}>
                  {t('methodology:why.more', { count: node.inputs.length - shown })}
                </button>
              </li>
            )}
          </ul>
        )}
      </details>
    </li>
  )
}

/** What a rule is called that is no equation: where an input or a parameter got its value. */
const CHOSEN = new Set(['input', 'measured', 'constant', 'factor', 'fallback'])

/** What a value rests on: its equation, its source, or where an input is from; and the name of the node itself. */
function Ground({ node, evidenceOf }: { node: TraceNode; evidenceOf?: (node: TraceNode) => ReactNode }) {
  const { t } = useTranslation()
  const { rule, article, source, keys, origin, cid } = node
  const isEquation = !CHOSEN.has(rule)
  return (
    <p className="why-ground small">
      {isEquation && <code className="equation">{rule}</code>}
      {article !== undefined && <span>{article}</span>}
      {!isEquation && rule !== 'input' && <span>{t(`methodology:rule.${rule}`)}</span>}
      {source !== undefined && <SourceLine source={source} />}
      {keys !== undefined && keys.length > 0 && <span>{keys.join(' · ')}</span>}
      {origin !== undefined && (
        <span className={origin.kind === 'manual' ? 'status unchecked' : ''}>
          {t(`methodology:origin.${origin.kind}`)}
        </span>
      )}
      {origin !== undefined && (evidenceOf?.(node) ?? <span className="muted">{origin.reference}</span>)}
      <code className="muted" title={cid.toString()}>
        {shorten(cid.toString(), 5)}
      </code>
    </p>
  )
}

/** The words of a name of a methodology. */
export function wordsOf({ inputs, parameters, equations }: Methodology, name: string) {
  return [...equations, ...inputs, ...parameters].find((one) => one.name === name)?.words
}
