import { runCases, runClean } from './run.ts'

/** Prints the two tables of docs/quality.md: `node gateway/simulator/trial/report.ts`. */
const clean = await runClean()
const rows = clean.map(({ recording, streams, streamMonths, questions, known }) => {
  const rest = questions.length - known.length
  const share = (rest / streamMonths).toFixed(3)
  return `| ${recording} | ${streams} | ${streamMonths.toFixed(1)} | ${questions.length} | ${known.length} | ${rest} | ${share} |`
})
console.log('| recording | streams | stream-months | questions | on known faults | false alarms | a stream-month |')
console.log(['|---|---|---|---|---|---|---|', ...rows].join('\n'))
const cases = await runCases([0.45, 0.55, 0.65, 0.75, 0.85])
const lines = cases.map(
  ({ case: { zh, en, recording }, places, caught, by }) =>
    `| ${zh} | ${en} | ${recording} | ${by.join(', ')} | ${caught} of ${places} |`,
)
console.log(['', '| 案例 | case | recording | asked by | caught |', '|---|---|---|---|---|', ...lines].join('\n'))
