import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FilePick } from '../shell/file-pick.tsx'
import { Problem } from '../shell/problem.tsx'
import { useIsDemo } from '../shell/role.tsx'
import { keepKeyFile } from './keyring.ts'

/** Brings a key into this browser by its encrypted file; in the demo it says where the parties' files are. */
export function BringKey({ onKept }: { onKept: () => void }) {
  const { t } = useTranslation()
  const isDemo = useIsDemo()
  const [error, setError] = useState<unknown>(undefined)
  const keep = async (file: File | undefined) => {
    if (file === undefined) return
    setError(undefined)
    try {
      await keepKeyFile(file)
      onKept()
    } catch (cause) {
      setError(cause)
    }
  }
  return (
    <div className="stack">
      <FilePick label={t('keys.bring.file')} accept=".json,application/json" onFile={(file) => void keep(file)} />
      {isDemo && <p className="small muted">{t('keys.bring.demo')}</p>}
      {error !== undefined && <Problem error={error} />}
    </div>
  )
}
