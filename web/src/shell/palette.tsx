import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { bringTexts } from '../i18n/language.ts'
import { Dialog } from './dialog.tsx'
import { PAGES } from './pages.ts'

/** Ctrl-K: go to a page by its name in either language, or look up what was typed. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)

  const wanted = query.trim().toLowerCase()
  const other = useOtherLanguage()
  const pages = PAGES.map((page) => ({
    ...page,
    text: t(`shell.nav.${page.name}`),
    hint: other(`shell.nav.${page.name}`),
  }))
    .filter((page) => `${page.text} ${page.hint}`.toLowerCase().includes(wanted))
    .map((page) => ({
      key: page.name as string,
      text: page.text,
      hint: page.hint,
      open: () => (page.document ? location.assign(page.to) : void navigate({ to: page.to, search: {} })),
    }))
  const lookUp = {
    key: 'look-up',
    text: t('shell.palette.lookUp', { query: query.trim() }),
    hint: '',
    open: () => void navigate({ to: '/', search: { q: query.trim() } }),
  }
  const choices = wanted === '' ? pages : [...pages, lookUp]
  const at = Math.min(chosen, choices.length - 1)

  const run = (index: number) => {
    onClose()
    choices[index]?.open()
  }
  return (
    <Dialog label={t('shell.palette.title')} className="palette" onClose={onClose}>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${choices[at]?.key}`}
        aria-label={t('shell.palette.title')}
        placeholder={t('shell.palette.placeholder')}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value)
          setChosen(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault()
            setChosen((at + (event.key === 'ArrowDown' ? 1 : choices.length - 1)) % choices.length)
          } else if (event.key === 'Enter') run(at)
        }}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label={t('shell.palette.title')}>
        {choices.map((choice, index) => (
          <div
            key={choice.key}
            id={`palette-${choice.key}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onClick={() => run(index)}
            onKeyDown={(event) => event.key === 'Enter' && run(index)}
          >
            <span>{choice.text}</span>
            <span className="muted small">{choice.hint}</span>
          </div>
        ))}
      </div>
    </Dialog>
  )
}

/** Texts of the language that the page is not in, once they are here: a page is found by its name in either. */
function useOtherLanguage(): (key: string) => string {
  const { i18n } = useTranslation()
  const language = i18n.language === 'en' ? 'zh-CN' : 'en'
  const [brought, setBrought] = useState<string | undefined>(undefined)
  useEffect(() => {
    void bringTexts(language).then(() => setBrought(language))
  }, [language])
  return brought === language ? i18n.getFixedT(language) : () => ''
}
