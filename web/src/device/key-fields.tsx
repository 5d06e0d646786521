import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FilePick } from '../shell/file-pick.tsx'
import { certificateFingerprint, readPublicKey } from './key-statement.ts'

/** A device's public key, as PEM or hex; what it is not is said at once. */
export function PublicKeyField({ onKey }: { onKey: (key: string | undefined) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const isWrong = text.trim() !== '' && readPublicKey(text) === undefined
  return (
    <label className="field">
      <span>{t('device.enrol.public')}</span>
      <textarea
        className="mono"
        rows={4}
        required
        spellCheck={false}
        value={text}
        aria-invalid={isWrong}
        onChange={(event) => {
          setText(event.target.value)
          onKey(readPublicKey(event.target.value))
        }}
      />
      {isWrong && <span role="alert">{t('device.enrol.noKey')}</span>}
    </label>
  )
}

/** A device's certificate, by its file. */
export function CertificateField({ onKey }: { onKey: (key: string | undefined) => void }) {
  const { t } = useTranslation()
  const [isWrong, setWrong] = useState(false)
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    const fingerprint = certificateFingerprint(new Uint8Array(await file.arrayBuffer()))
    setWrong(fingerprint === undefined)
    onKey(fingerprint)
  }
  return (
    <>
      <FilePick label={t('device.enrol.certificate')} accept=".pem,.crt,.cer,.der" onFile={(file) => void take(file)} />
      {isWrong && (
        <p className="note failed" role="alert">
          {t('device.enrol.noCertificate')}
        </p>
      )}
    </>
  )
}

/** A device's counter; what is no number is told by the browser. */
export function CounterField({
  text,
  value,
  least,
  onChange,
}: {
  text: string
  value: string
  least: number
  onChange: (value: string) => void
}) {
  return (
    <label className="field">
      <span>{text}</span>
      <input
        type="number"
        required
        min={least}
        max={Number.MAX_SAFE_INTEGER}
        step={1}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}
