import { EXIT } from '../exit.ts'
import type { Output, Text } from '../output.ts'
import type { Redrawn } from './redraw.ts'

/** Says line by line what a verifier's draw and sample are when they are drawn again; ends with code 1 where one is another. */
export function printRedrawn(out: Output, redrawn: Redrawn): void {
  const { size, rootAfter, log, drawn, assigned, seeded, seed, sampled, items, batches, closed } = redrawn
  const say = (ok: boolean | null, good: Text, bad: Text, open: Text) => {
    const sign = ok === null ? out.colors.yellow('○') : ok ? out.colors.green('✔') : out.colors.red('✘')
    out.line(`${sign} ${out.say(ok === null ? open : ok ? good : bad)}`)
  }
  say(
    log,
    { en: `log of ${size} entries rebuilt, root equal`, zh: `重建 ${size} 个条目的日志，根一致` },
    { en: 'the log has another root than the package', zh: '日志根与证据包不同' },
    { en: '', zh: '' },
  )
  say(
    drawn,
    {
      en: `verifier drawn again: ${assigned.map(([one, verifier]) => `${one} → ${verifier}`).join(', ')}`,
      zh: `核查机构抽签复算一致：${assigned.map(([one, verifier]) => `${one} → ${verifier}`).join('，')}`,
    },
    { en: 'the assignment is not what the log draws', zh: '指派结果与日志抽签不符' },
    { en: 'no verifier is assigned yet', zh: '尚未指派核查机构' },
  )
  say(
    seeded,
    { en: `seed of the sample  ${seed}`, zh: `抽样种子  ${seed}` },
    { en: `the plan's seed is not the log's, ${seed}`, zh: `抽样方案的种子与日志不符，应为 ${seed}` },
    { en: 'there is no sampling plan yet', zh: '尚无抽样方案' },
  )
  if (seeded !== null)
    say(
      sampled,
      {
        en: `${items} readings drawn again from ${batches} batches`,
        zh: `从 ${batches} 个批次重新抽取 ${items} 条读数，一致`,
      },
      { en: 'the plan has other readings than the seed draws', zh: '抽样方案中的读数与种子抽取结果不符' },
      {
        en: `${closed} of ${batches} batches are closed to you: name your key set with --key`,
        zh: `${batches} 个批次中有 ${closed} 个未向您开放：请用 --key 指定密钥组`,
      },
    )
  out.line(`  ${out.say({ en: 'root after the report', zh: '报告之后的日志根' })}  ${rootAfter}`)
  out.data(redrawn)
  if ([log, drawn, seeded, sampled].includes(false)) process.exitCode = EXIT.failed
}
