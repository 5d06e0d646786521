import { useTranslation } from 'react-i18next'
import { setLanguage } from '../i18n/language.ts'

/** Turns the page into the other of the two languages; it says so in that language. */
export function OtherLanguage() {
  const { t, i18n } = useTranslation()
  const other = i18n.language === 'en' ? 'zh-CN' : 'en'
  return (
    <button type="button" className="plain" lang={other} onClick={() => void setLanguage(other)}>
      {t('shell.language.other')}
    </button>
  )
}
