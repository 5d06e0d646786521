import {
  auditBatch,
  bodyDigest,
  bodySalt,
  buildTree,
  checkConsistency,
  checkInclusion,
  checkProof,
  cidOf,
  consistencyPath,
  cutIntervals,
  decodeBundle,
  decodeChunk,
  decodeDocument,
  decodeEntry,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  decodeStreams,
  digestBodies,
  digestOf,
  emptyState,
  encodeBody,
  encodeBundle,
  encodeEntry,
  type Flag,
  fromHex,
  fromHex0x,
  inclusionPath,
  type Interval,
  leafHash,
  logRoot,
  mergeIntervals,
  openCar,
  parseCid,
  prove,
  readable,
  readAuditContent,
  recoverEntrySigner,
  signEntry,
  toHex,
  toHex0x,
  writeCar,
} from '../src/index.ts'

/** The form of `evidence-vectors.json`: digests, blocks and proofs as lower-case hex, proofs with the totals they must give. */
export interface VectorFile {
  readonly spec: string
  readonly bodies: readonly { seed: string; key: string; flag: string; source: string | null; salt: string; body: string; digest: string }[]
  readonly trees: readonly {
    rows: readonly Row[]
    tree: string
    proofs: readonly { question: string; mode: string; intervals: readonly Pair[]; proof: string; totals: readonly number[][]; opened: number }[]
  }[]
  readonly bad_proofs: readonly { why: string; tree: string; mode: string; intervals: readonly Pair[]; proof: string }[]
  readonly bad_leaves: readonly { why: string; row: Row }[]
  readonly log: {
    entries: readonly string[]
    roots: readonly string[]
    inclusion: readonly { index: number; size: number; path: readonly string[] }[]
    consistency: readonly { from: number; to: number; path: readonly string[] }[]
    bad_inclusion: readonly { why: string; leaf: number; index: number; size: number; path: readonly string[] }[]
    bad_consistency: readonly { why: string; from: number; to: number; path: readonly string[] }[]
    bundle: string
  }
  readonly batch: {
    frame: string
    chunks: readonly string[]
    index: string
    streams: string
    header: string
    document: string
    cids: { frame: string; chunks: readonly string[]; index: string; streams: string; header: string; document: string }
    entries: readonly string[]
    eip712: { chainId: number; verifyingContract: string; signers: readonly string[]; privateKeys: readonly string[]; signatures: readonly string[] }
  }
  readonly restatement: {
    batches: readonly { sequence: number; restates: readonly Pair[]; tree: string; rows: readonly Row[] }[]
    window: Pair
    live: readonly [number, string, number][]
    totals: readonly number[]
  }
}

type Row = readonly [key: string, quantity: number, seconds: number, bodyDigest: string]
type Pair = readonly string[]

/** How many vectors of one sort held on one side. */
export interface VectorCount {
  readonly sort: string
  readonly side: string
  readonly held: number
  readonly all: number
  readonly faults: readonly string[]
}

interface Side {
  readonly name: string
  body(seed: Uint8Array, key: Uint8Array, flag: Flag, source: string | null): Uint8Array
  root(rows: readonly Row[]): Uint8Array
  prove(rows: readonly Row[], question: Question): Uint8Array
  check(root: Uint8Array, question: Question, proof: Uint8Array): readable.Answer | { readonly ok: false; readonly code: string }
}

type Question = { readonly intervals: readonly Interval[]; readonly mode: 'total' | 'readings' }

/** Runs a file of vectors through the readable and the fast implementation; every sort is counted, none stops another. */
export function* runVectors(file: VectorFile): Generator<VectorCount> {
  for (const side of [READABLE, FAST]) {
    yield count('bodies', side.name, file.bodies, (vector) => {
      const [seed, key, flag] = [fromHex(vector.seed), fromHex(vector.key), vector.flag as Flag]
      const salt = bodySalt(seed, key)
      same(toHex(salt), vector.salt)
      same(toHex(encodeBody({ flag, source: vector.source === null ? null : parseCid(vector.source), salt })), vector.body)
      same(toHex(side.body(seed, key, flag, vector.source)), vector.digest)
    })
    yield count('trees', side.name, file.trees, ({ rows, tree }) => same(toHex(side.root(rows)), tree))
    const proofs = file.trees.flatMap(({ rows, tree, proofs }) => proofs.map((proof) => ({ ...proof, rows, tree })))
    yield count('proofs made', side.name, proofs, (vector) => same(toHex(side.prove(vector.rows, question(vector))), vector.proof))
    yield count('proofs checked', side.name, proofs, (vector) => {
      const answer = side.check(fromHex(vector.tree), question(vector), fromHex(vector.proof))
      if (!answer.ok) throw new Error(`${vector.question}: refused with ${answer.code}`)
      same(JSON.stringify(answer.totals.map((total) => [total.count, total.quantity, total.seconds])), JSON.stringify(vector.totals))
      // `opened` counts the leaves inside in either mode; a checker that lists them only in mode readings is held to it there.
      if (vector.mode === 'readings') same(answer.leaves.length, vector.opened)
    })
    yield count('bad proofs', side.name, file.bad_proofs, (vector) =>
      refused(vector.why, side.check(fromHex(vector.tree), looseQuestion(vector), fromHex(vector.proof))),
    )
    yield count('bad leaves', side.name, file.bad_leaves, (vector) => {
      let accepted = true
      try {
        side.root([vector.row])
      } catch (error) {
        accepted = !hasCode(error)
      }
      if (accepted) throw new Error(`${vector.why}: accepted`)
    })
    yield count('batch tree', side.name, [file.batch], ({ chunks, header }) =>
      same(toHex(side.root(chunks.flatMap((chunk) => rowsOf(side, chunk)))), toHex(decodeHeader(fromHex(header)).tree)),
    )
    yield count('restatement', side.name, [file.restatement], (vector) => restate(side, vector))
  }
  yield* runLog(file.log)
  yield* runBatch(file.batch)
}

const READABLE: Side = {
  name: 'readable',
  body: (seed, key, flag, source) => bodyDigest({ flag, source: source === null ? null : parseCid(source), salt: bodySalt(seed, key) }),
  root: (rows) => readable.encodeNode(readable.buildTree(rows.map(leafOf)).node),
  prove: (rows, asked) => readable.prove(readable.buildTree(rows.map(leafOf)), asked),
  check: readable.checkProof,
}

const FAST: Side = {
  name: 'fast',
  body: (seed, key, flag, source) => {
    const digest = new Uint8Array(32)
    const flags = Uint8Array.of(flag.charCodeAt(0))
    const origin = source === null ? {} : { origins: Int32Array.of(0), sources: digestOf(parseCid(source)) }
    digestBodies({ seed, keys: key, flags, ...origin }, digest)
    return digest
  },
  root: (rows) => buildTree(columnsOf(rows)).root,
  prove: (rows, asked) => prove(buildTree(columnsOf(rows)), asked),
  check: checkProof,
}

function* runLog(log: VectorFile['log']): Generator<VectorCount> {
  const leaves = log.entries.map((entry) => leafHash(fromHex(entry)))
  const root = (size: number) => fromHex(log.roots[size] ?? log.roots[0] ?? '')
  const side = 'log'
  yield count('roots', side, [...log.roots.entries()], ([size, expected]) => same(toHex(logRoot(leaves, size)), expected))
  yield count('inclusion', side, log.inclusion, ({ index, size, path }) => {
    same(JSON.stringify(inclusionPath(leaves, index, size).map(toHex)), JSON.stringify(path))
    held(checkInclusion({ leaf: leaves[index] as Uint8Array, index, size, root: root(size), path: path.map((hash) => fromHex(hash)) }))
  })
  yield count('consistency', side, log.consistency, ({ from, to, path }) => {
    same(JSON.stringify(consistencyPath(leaves, from, to).map(toHex)), JSON.stringify(path))
    held(checkConsistency({ from, to, fromRoot: root(from), toRoot: root(to), path: path.map((hash) => fromHex(hash)) }))
  })
  yield count('bad inclusion', side, log.bad_inclusion, ({ why, leaf, index, size, path }) =>
    refused(why, checkInclusion({ leaf: leaves[leaf] as Uint8Array, index, size, root: root(size), path: path.map((hash) => fromHex(hash)) })),
  )
  yield count('bad consistency', side, log.bad_consistency, ({ why, from, to, path }) =>
    refused(why, checkConsistency({ from, to, fromRoot: root(from), toRoot: root(to), path: path.map((hash) => fromHex(hash)) })),
  )
  yield count('bundle', side, [log.bundle], (bundle) => {
    same(toHex(encodeBundle(log.entries.map((entry) => fromHex(entry)))), bundle)
    same(JSON.stringify(decodeBundle(fromHex(bundle)).map(toHex)), JSON.stringify(log.entries))
  })
}

function* runBatch(batch: VectorFile['batch']): Generator<VectorCount> {
  const side = 'batch'
  const blocks: [string, string, (bytes: Uint8Array) => unknown][] = [
    [batch.frame, batch.cids.frame, decodeFrame],
    ...batch.chunks.map((chunk, at): [string, string, typeof decodeChunk] => [chunk, batch.cids.chunks[at] ?? '', decodeChunk]),
    [batch.index, batch.cids.index, decodeIndex],
    [batch.streams, batch.cids.streams, decodeStreams],
    [batch.header, batch.cids.header, decodeHeader],
    [batch.document, batch.cids.document, (bytes) => readAuditContent(decodeDocument(bytes).content)],
  ]
  yield count('blocks', side, blocks, ([hex, cid, decode]) => {
    decode(fromHex(hex))
    same(cidOf(fromHex(hex)).toString(), cid)
  })
  yield count('entries', side, [...batch.entries.entries()], ([at, hex]) => {
    const entry = decodeEntry(fromHex(hex))
    same(toHex(encodeEntry(entry)), hex)
    same(toHex(entry.digest), toHex(digestOf(parseCid(at === 0 ? batch.cids.header : batch.cids.document))))
  })
  const { chainId, verifyingContract, signers, privateKeys, signatures } = batch.eip712
  yield count('signatures', side, [...signatures.entries()], ([at, signature]) => {
    const entry = decodeEntry(fromHex(batch.entries[at] as string))
    const domain = { chainId, verifyingContract: toHex0x(fromHex0x(verifyingContract, 20)) }
    same(recoverEntrySigner(entry, domain, fromHex0x(signature)), (signers[at] as string).toLowerCase())
    same(toHex0x(signEntry(entry, domain, fromHex0x(privateKeys[at] as string))), signature)
  })
  yield count('audit', side, [batch.header], (hex) => {
    const all = [batch.header, batch.streams, batch.index, ...batch.chunks, batch.frame].map((block) => fromHex(block))
    const car = openCar(
      writeCar(
        parseCid(batch.cids.header),
        all.map((bytes) => ({ cid: cidOf(bytes), bytes })),
      ),
    )
    held(auditBatch(emptyState(decodeHeader(fromHex(hex)).organization), car))
  })
}

function restate(side: Side, { batches, window, live, totals }: VectorFile['restatement']) {
  const found: [number, string, number][] = []
  const sums = [0, 0, 0]
  for (const { sequence, rows, tree } of batches) {
    same(toHex(side.root(rows)), tree)
    const voids = mergeIntervals(batches.filter((later) => later.sequence > sequence).flatMap((later) => later.restates.map(interval)))
    const intervals = cutIntervals([interval(window)], voids)
    if (intervals.length === 0) continue
    const asked = { intervals, mode: 'readings' as const }
    const answer = side.check(fromHex(tree), asked, side.prove(rows, asked))
    if (!answer.ok) throw new Error(answer.code)
    for (const leaf of answer.leaves) found.push([sequence, toHex(leaf.key), leaf.quantity])
    for (const { count, quantity, seconds } of answer.totals)
      for (const [at, part] of [count, quantity, seconds].entries()) sums[at] = (sums[at] as number) + part
  }
  const sorted = (list: readonly (readonly [number, string, number])[]) => JSON.stringify([...list].map((item) => JSON.stringify(item)).sort())
  same(sorted(found), sorted(live))
  same(JSON.stringify(sums), JSON.stringify(totals))
}

function rowsOf(side: Side, hex: string): Row[] {
  const { type, stream, seed, sources, rows } = decodeChunk(fromHex(hex))
  return rows.map(([start, seconds, quantity, flag, source]) => {
    const key = new Uint8Array(16)
    const view = new DataView(key.buffer)
    view.setUint32(0, type)
    view.setUint32(4, stream)
    view.setBigUint64(8, BigInt(start))
    return [toHex(key), quantity, seconds, toHex(side.body(seed, key, flag, source === null ? null : String(sources[source])))]
  })
}

function columnsOf(rows: readonly Row[]) {
  const keys = new Uint8Array(16 * rows.length)
  const bodyDigests = new Uint8Array(32 * rows.length)
  for (const [at, [key, , , digest]] of rows.entries()) {
    keys.set(fromHex(key), 16 * at)
    bodyDigests.set(fromHex(digest), 32 * at)
  }
  const quantities = Float64Array.from(rows, ([, quantity]) => quantity)
  return { count: rows.length, keys, quantities, seconds: Float64Array.from(rows, ([, , seconds]) => seconds), bodyDigests }
}

function leafOf([key, quantity, seconds, digest]: Row) {
  return { key: fromHex(key), quantity, seconds, bodyDigest: fromHex(digest) }
}

function question(vector: { readonly mode: string; readonly intervals: readonly Pair[] }): Question {
  if (vector.mode !== 'total' && vector.mode !== 'readings') throw new Error(`mode ${vector.mode}`)
  return { mode: vector.mode, intervals: vector.intervals.map(interval) }
}

/** A bad vector's question may itself be the fault: its mode is passed on as it is. */
function looseQuestion(vector: { readonly mode: string; readonly intervals: readonly Pair[] }): Question {
  return { mode: vector.mode as Question['mode'], intervals: vector.intervals.map(interval) }
}

function interval([lo, hi]: Pair): Interval {
  return { lo: fromHex(lo ?? ''), hi: fromHex(hi ?? '') }
}

function count<T>(sort: string, side: string, vectors: readonly T[], act: (vector: T) => void): VectorCount {
  const faults: string[] = []
  for (const vector of vectors)
    try {
      act(vector)
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
    }
  return { sort, side, held: vectors.length - faults.length, all: vectors.length, faults }
}

function same(found: string | number, expected: string | number) {
  if (found !== expected) throw new Error(`found ${String(found).slice(0, 80)}, expected ${String(expected).slice(0, 80)}`)
}

function held(answer: { readonly ok: boolean; readonly code?: string }) {
  if (!answer.ok) throw new Error(`refused with ${answer.code}`)
}

function refused(why: string, answer: { readonly ok: boolean; readonly code?: string }) {
  if (answer.ok) throw new Error(`${why}: accepted`)
  if (answer.code === undefined || !answer.code.startsWith('E_')) throw new Error(`${why}: refused without a code`)
}

function hasCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('E_')
}
