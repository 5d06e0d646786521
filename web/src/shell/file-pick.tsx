import { useState } from 'react'
import { useTranslation } from 'react-i18next'

/** A button that chooses a file, in the page's language: the browser's own speaks the system's. The file can also be dropped on it. */
export function FilePick({
  label,
  accept,
  onFile,
}: {
  label: string
  accept: string
  onFile: (file: File | undefined) => void
}) {
  const { t } = useTranslation()
  const [name, setName] = useState<string | undefined>(undefined)
  const [over, setOver] = useState(false)
  const take = (file: File | undefined) => {
    if (file === undefined) return
    setName(file.name)
    onFile(file)
  }
  return (
    <label
      className={over ? 'file-pick over' : 'file-pick'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer.files[0])
      }}
    >
      <span className="small muted">{label}</span>
      <span className="row">
        <span className="button">{t('shell.file.choose')}</span>
        <span className="muted small">{name ?? t('shell.file.drop')}</span>
      </span>
      <input
        type="file"
        className="visually-hidden"
        accept={accept}
        onChange={(event) => {
          take(event.target.files?.[0])
          // The same file can be chosen again after it was corrected.
          event.target.value = ''
        }}
      />
    </label>
  )
}
