import type { Equation, Input, Parameter, Program } from '@tanlian/accounting'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { type Column, Table } from '../shell/table.tsx'
import { SourceLine } from './confidence.tsx'
import { writtenText } from './figure.ts'

/** What a methodology is made of: equations in their order, values with their sources, inputs with the evidence that may fill them. */
export function Rules({ program: { methodology } }: { program: Program }) {
  const { t, i18n } = useTranslation()
  const name: Column<Pick<Equation, 'words' | 'name'>> = {
    head: t('methodology:rules.name'),
    lead: true,
    cell: ({ words, name: short }) => (
      <>
        {textsIn(words, i18n.language)} <code className="muted">{short}</code>
      </>
    ),
  }
  const equations: readonly Column<Equation>[] = [
    name,
    { head: t('methodology:rules.is'), cell: ({ is }) => <code className="equation">{is}</code> },
    {
      head: t('methodology:rules.unit'),
      cell: ({ unit, places, rounding }) =>
        `${unit.text} · ${t('methodology:rules.places', { places })} · ${t(`methodology:rounding.${rounding}`)}`,
    },
    { head: t('methodology:rules.article'), cell: ({ article }) => article ?? '' },
  ]
  const inputs: readonly Column<Input>[] = [
    name as Column<Input>,
    { head: t('methodology:rules.unit'), cell: ({ unit, choices }) => unit?.text ?? choices?.join(' / ') ?? '' },
    {
      head: t('methodology:rules.evidence'),
      cell: ({ evidence }) => (evidence.length === 0 ? t('methodology:rules.document') : evidence.join(' · ')),
    },
    {
      head: t('methodology:rules.optional'),
      cell: ({ optional }) => (optional ? t('methodology:rules.yes') : t('methodology:rules.no')),
    },
  ]
  const parameters: readonly Column<Parameter>[] = [
    name as Column<Parameter>,
    { head: t('methodology:rules.value'), number: true, cell: (parameter) => <Value parameter={parameter} /> },
    { head: t('methodology:factor.source'), cell: (parameter) => <Origin parameter={parameter} /> },
  ]
  return (
    <>
      <h2 className="part">{t('methodology:rules.equations')}</h2>
      <Table label={t('methodology:rules.equations')} columns={equations} rows={methodology.equations} keyOf={keyOf} />
      <h2 className="part">{t('methodology:rules.inputs')}</h2>
      <Table label={t('methodology:rules.inputs')} columns={inputs} rows={methodology.inputs} keyOf={keyOf} />
      {methodology.parameters.length > 0 && (
        <>
          <h2 className="part">{t('methodology:rules.parameters')}</h2>
          <Table
            label={t('methodology:rules.parameters')}
            columns={parameters}
            rows={methodology.parameters}
            keyOf={keyOf}
          />
        </>
      )}
    </>
  )
}

function Value({ parameter: { constant, factor, fallback, unit } }: { parameter: Parameter }) {
  const { t } = useTranslation()
  if (factor !== undefined)
    return (
      <Link to="/methodologies/$id" params={{ id: factor.set }} search={{}}>
        {t('methodology:rules.fromSet')}
      </Link>
    )
  const known = constant ?? fallback
  return (
    <>
      {known === undefined ? '' : /^[-\d.]+$/.test(known.text) ? writtenText(known.text) : known.text}{' '}
      {unit.text === '1' ? '' : unit.text}
      {constant === undefined && fallback !== undefined && (
        <span className="status unchecked"> {t('methodology:rule.fallback')}</span>
      )}
    </>
  )
}

function Origin({ parameter: { constant, factor, fallback } }: { parameter: Parameter }) {
  const known = constant ?? fallback
  if (known !== undefined) return <SourceLine source={known.source} />
  return factor === undefined ? null : <code>{factor.set}</code>
}

function keyOf({ name }: { readonly name: string }): string {
  return name
}
