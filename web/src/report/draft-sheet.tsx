import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { csvOf } from '../evidence/table-file.ts'
import { openTableFile } from '../evidence/upload-files.ts'
import { http } from '../service.ts'
import { FilePick } from '../shell/file-pick.tsx'
import { Problem } from '../shell/problem.tsx'

/** Whether every line of a sheet was taken; otherwise none was, and each says why. */
interface SheetOutcome {
  readonly applied: boolean
  readonly errors: readonly { readonly line: number; readonly column: string; readonly message: string }[]
}

/** A draft's inputs as a spreadsheet, out and in (Excel 导入导出). A workbook is read in this browser; the platform takes plain lines. */
export function DraftSheet({ path, version, onApplied }: { path: string; version: number; onApplied: () => void }) {
  const { t } = useTranslation()
  const [outcome, setOutcome] = useState<SheetOutcome>()
  const [error, setError] = useState<unknown>()
  const bring = async (file: File | undefined) => {
    if (file === undefined) return
    setError(undefined)
    setOutcome(undefined)
    try {
      const answer = await http.json<SheetOutcome>(`${path}/sheet?version=${version}`, {
        method: 'POST',
        bytes: await linesOf(file),
        headers: { 'content-type': 'text/csv' },
      })
      setOutcome(answer)
      if (answer.applied) onApplied()
    } catch (cause) {
      setError(cause)
    }
  }
  return (
    <details className="sheet">
      <summary>{t('report:table.title')}</summary>
      <div className="stack">
        <p className="row">
          <a className="button" href={`${path}/sheet?format=xlsx`} download>
            {t('report:table.xlsx')}
          </a>
          <a className="button" href={`${path}/sheet?format=csv`} download>
            {t('report:table.csv')}
          </a>
        </p>
        <FilePick label={t('report:table.bring')} accept=".csv,.xlsx" onFile={(file) => void bring(file)} />
        {error !== undefined && <Problem error={error} />}
        {outcome?.applied === false && (
          <ul className="plain-list">
            {outcome.errors.map(({ line, column, message }) => (
              <li key={`${line} ${column}`} className="note failed">
                {t('report:table.error', { line, column, message })}
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  )
}

/** The file's rows as comma-separated lines; also text that a Chinese spreadsheet saved as GB 18030. */
async function linesOf(file: File): Promise<Uint8Array> {
  const table = await openTableFile(file, () => undefined)
  const rows: (readonly string[])[] = []
  for await (const records of table.records()) for (const { cells } of records) rows.push(cells)
  return new TextEncoder().encode(csvOf(rows))
}
