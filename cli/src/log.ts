import {
  checkConsistency,
  checkInclusion,
  decodeBundle,
  decodeEntry,
  equalBytes,
  fromHex,
  leafHash,
  openCheckpoint,
  TILE_WIDTH,
  tilePath,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { type Context, command, group, usageError } from './command.ts'
import { CONNECT_ARGS, type Connection, connect } from './connect.ts'
import { EXIT } from './exit.ts'

const root = command(
  'log root',
  { en: 'The log’s root, on the platform and on the chain', zh: '平台与链上的日志根' },
  CONNECT_ARGS,
  async (context) => {
    const { out } = context
    const { client, chain } = await connect(context)
    const state = await client.log()
    const onChain = chain === undefined ? undefined : await rootAt(chain, state.size)
    const same = onChain === undefined ? undefined : toHex(onChain) === state.root
    out.line(
      `${state.root}  ${out.say({ en: 'size', zh: '大小' })} ${state.size}  ${out.say({ en: 'block', zh: '区块' })} ${state.block ?? '–'}`,
    )
    verdictLine(
      context,
      same,
      { en: 'the same on the chain', zh: '与链上一致' },
      { en: 'the chain has another root', zh: '链上的根不同' },
    )
    out.data({ ...state, chain: onChain === undefined ? null : toHex(onChain), same: same ?? null })
  },
)

const proof = command(
  'log proof',
  { en: 'Prove that an entry is in the log, and check it here', zh: '证明某条目在日志中，并在本机验证' },
  {
    index: {
      type: 'positional',
      description: { en: 'Index of the entry, from 0', zh: '条目索引，从 0 开始' },
      required: true,
    },
    size: {
      type: 'string',
      valueHint: 'N',
      description: { en: 'Size of the log; the present one where left out', zh: '日志大小；省略时为当前大小' },
    },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const connection = await connect(context)
    const index = whole(args.index)
    const given = await connection.client.logProof(index, args.size === undefined ? undefined : whole(args.size))
    const entry = await entryAt(connection, index, given.size)
    const trusted = connection.chain === undefined ? undefined : await rootAt(connection.chain, given.size)
    const checked = checkInclusion({
      leaf: leafHash(entry),
      index,
      size: given.size,
      root: trusted ?? fromHex(given.root),
      path: given.path.map((hash) => fromHex(hash)),
    })
    const { kind, organization, sequence, digest } = decodeEntry(entry)
    out.line(
      `${out.say({ en: 'entry', zh: '条目' })} ${index} / ${given.size}  ${out.say({ en: 'organization', zh: '组织' })} ${organization}  ${out.say({ en: 'sequence', zh: '序号' })} ${sequence}  ${toHex(digest)}`,
    )
    verdictLine(
      context,
      checked.ok,
      { en: 'in the log', zh: '在日志中' },
      { en: checked.ok ? '' : checked.message, zh: checked.ok ? '' : checked.message },
    )
    if (trusted === undefined) noChain(context)
    out.data({
      ...given,
      entry: { kind, organization, sequence, digest },
      ok: checked.ok,
      chain: trusted !== undefined,
    })
  },
)

const consistency = command(
  'log consistency',
  { en: 'Prove that the log only grew between two sizes', zh: '证明日志在两个大小之间只增不改' },
  {
    from: { type: 'positional', description: { en: 'The smaller size', zh: '较小的大小' }, required: true },
    to: { type: 'positional', description: { en: 'The greater size', zh: '较大的大小' }, required: false },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const { client, chain } = await connect(context)
    const from = whole(args.from)
    const state = await client.log()
    const to = args.to === undefined ? state.size : whole(args.to)
    const given = await client.consistency(from, to)
    const [fromRoot, toRoot] =
      chain === undefined ? [undefined, undefined] : await Promise.all([rootAt(chain, from), rootAt(chain, to)])
    if (fromRoot === undefined) {
      throw new TanlianError(
        'E_CLI_NOT_FOUND',
        `The chain never announced a root at size ${from}: sizes between two lists of entries have none. Name a size from the Root events.`,
        { values: { size: from } },
      )
    }
    const checked = checkConsistency({
      from,
      to,
      fromRoot,
      toRoot: toRoot ?? fromHex(given.root),
      path: given.path.map((hash) => fromHex(hash)),
    })
    out.line(`${from} → ${to}`)
    verdictLine(
      context,
      checked.ok,
      { en: 'only grew', zh: '只增不改' },
      { en: checked.ok ? '' : checked.message, zh: checked.ok ? '' : checked.message },
    )
    out.data({ ...given, ok: checked.ok })
  },
)

const checkpoint = command(
  'log checkpoint',
  { en: 'The signed checkpoint, checked', zh: '签名检查点及其验证' },
  CONNECT_ARGS,
  async (context) => {
    const { out } = context
    const { client, chain, wellKnown } = await connect(context)
    const text = await client.checkpoint()
    const opened = openCheckpoint(text, [wellKnown.vkey])
    out.line(text.trimEnd())
    if (!opened.ok) {
      verdictLine(context, false, { en: '', zh: '' }, { en: opened.message, zh: opened.message })
      out.data({ text, ok: false, code: opened.code })
      return
    }
    const trusted = chain === undefined ? undefined : await rootAt(chain, opened.size)
    verdictLine(context, true, { en: 'signed by the log’s key', zh: '由日志密钥签名' }, { en: '', zh: '' })
    const same = trusted === undefined ? undefined : equalBytes(trusted, opened.root)
    verdictLine(
      context,
      same,
      { en: 'the same on the chain', zh: '与链上一致' },
      { en: 'the chain has another root', zh: '链上的根不同' },
    )
    out.data({
      text,
      ok: same !== false,
      size: opened.size,
      root: toHex(opened.root),
      chain: trusted === undefined ? null : toHex(trusted),
    })
  },
)

/** Everything about the log. */
export const log = group(
  'log',
  { en: 'The log: root, proofs, checkpoint', zh: '日志：根、证明、检查点' },
  { root, proof, consistency, checkpoint },
)

function verdictLine(
  context: Context,
  ok: boolean | undefined,
  good: { en: string; zh: string },
  bad: { en: string; zh: string },
): void {
  const { out } = context
  if (ok === undefined) {
    noChain(context)
    return
  }
  out.line(ok ? `${out.colors.green('✔')} ${out.say(good)}` : `${out.colors.red('✘')} ${out.say(bad)}`)
  if (!ok) process.exitCode = EXIT.failed
}

function noChain({ out }: Context): void {
  out.line(
    out.colors.yellow(out.say({ en: 'chain not asked: name a node with --rpc', zh: '未查询链：请用 --rpc 指定节点' })),
  )
}

async function rootAt(chain: NonNullable<Connection['chain']>, size: number): Promise<Uint8Array | undefined> {
  if ((await chain.size()) === size) return chain.root()
  return (await chain.roots()).find((event) => event.size === size)?.root
}

/** The entry at an index, from the platform's own bundles; its hash is what the proof is about. */
async function entryAt({ client }: Connection, index: number, size: number): Promise<Uint8Array> {
  const bundle = Math.floor(index / TILE_WIDTH)
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH)
  const bytes = await client.http.bytes(`/log/${tilePath({ level: 'entries', index: bundle, width })}`)
  const entry = decodeBundle(bytes)[index % TILE_WIDTH]
  if (entry !== undefined) return entry
  throw new TanlianError('E_CLI_NOT_FOUND', `The log of ${size} entries has none at ${index}.`, {
    values: { index, size },
  })
}

function whole(text: string): number {
  if (/^(0|[1-9][0-9]{0,15})$/.test(text)) return Number(text)
  throw usageError({ en: `${text} is no whole number.`, zh: `${text} 不是整数。` })
}
