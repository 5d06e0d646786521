import { useTranslation } from 'react-i18next'
import { Dialog } from './dialog.tsx'
import { STATUS_WORDS, StatusWord } from './status.tsx'

const KEYS = [
  ['Ctrl K', 'keyPalette'],
  ['/', 'keySearch'],
  ['?', 'keyHelp'],
  ['Esc', 'keyClose'],
] as const

/** `?`: what this is, the keys, and the exact meaning of each status word. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Dialog label={t('shell.help.title')} onClose={onClose}>
      <div className="inside">
        <div className="row between">
          <h2>{t('shell.help.title')}</h2>
          <button type="button" onClick={onClose}>
            {t('shell.close')}
          </button>
        </div>
        <p>{t('shell.help.intro')}</p>
        <h3>{t('shell.help.keys')}</h3>
        <dl className="facts">
          {KEYS.map(([key, name]) => (
            <div key={key} className="contents">
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{t(`shell.help.${name}`)}</dd>
            </div>
          ))}
        </dl>
        <h3>{t('shell.help.words')}</h3>
        <dl className="facts">
          {STATUS_WORDS.map((word) => (
            <div key={word} className="contents">
              <dt>
                <StatusWord word={word} />
              </dt>
              <dd>{t(`status.${word}.means`)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  )
}
