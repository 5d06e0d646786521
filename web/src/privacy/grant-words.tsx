import type { GrantItem } from '@tanlian/sdk'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { kindName } from '../evidence/kind-name.ts'
import { formatMoment, formatSeconds, formatWindow } from '../format.ts'
import { stepWord } from './record.ts'

/** Later than any date that a person means: a grant without an end. */
const FAR = 32_503_680_000

/** What a grant gives: readings, or sums by a step. */
export function GrantAccess({ grant: { access, step } }: { grant: GrantItem }) {
  const { t } = useTranslation()
  if (access === 'read') return t('privacy:access.read')
  const word = stepWord(step)
  return word === undefined ? t('privacy:access.step', { step: formatSeconds(step) }) : t(`privacy:access.${word}`)
}

/** Of which types and streams. */
export function GrantScope({ grant: { types, streams } }: { grant: Pick<GrantItem, 'types' | 'streams'> }) {
  const { t } = useTranslation()
  const named = types.map((type) => typeName(t, type)).join('; ')
  return streams.length === 0 ? named : `${named} · ${t('privacy:grants.streams', { streams: streams.join(', ') })}`
}

/** For readings of which time. */
export function GrantPeriod({ grant: { from, to } }: { grant: Pick<GrantItem, 'from' | 'to'> }) {
  const { t } = useTranslation()
  if (to < FAR) return formatWindow(from, to)
  return from === 0 ? t('privacy:grants.always') : t('privacy:grants.from', { time: formatMoment(from) })
}

/** What its reader can see now, in one sentence. */
export function grantSight(t: TFunction, { access, created, ended }: GrantItem): string {
  const since = formatMoment(Date.parse(created) / 1000)
  if (access === 'summary') return ended === null ? t('privacy:sight.summary') : t('privacy:sight.summaryEnded')
  if (ended === null) return t('privacy:sight.read', { since })
  return t('privacy:sight.readEnded', { since, until: formatMoment(Date.parse(ended) / 1000) })
}

/** A type prefix in words: a kind by its name, a class by its own. */
export function typeName(t: TFunction, prefix: string): string {
  if (prefix.length === 6) return kindName(Number.parseInt(prefix, 16))
  return prefix.length === 2 ? t(`class.${prefix}`) : prefix
}
