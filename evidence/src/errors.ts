import type { ErrorTable } from '@tanlian/units'

/** Every code that this package returns or throws: what happened and what to do (`docs/errors.md`). */
export const EVIDENCE_ERRORS = {
  E_LOG_SIZE: {
    en: 'This size of the log cannot be proven or is not there yet; ask for a size from 1 to the log’s own.',
    zh: '日志的这个大小无法证明，或尚未达到；请查询 1 到日志当前大小之间的值。',
  },
  E_LOG_INDEX: {
    en: 'The log has no entry or node at this place; ask for an index below its size.',
    zh: '日志在此位置没有条目或节点；请使用小于日志大小的序号。',
  },
  E_LOG_PATH: {
    en: 'The proof has too few or too many hashes for this place in the log; fetch it again for the same index and size.',
    zh: '证明中的哈希数量与其在日志中的位置不符；请按相同的序号和大小重新获取。',
  },
  E_LOG_HASH: {
    en: 'A hash of the log has 32 bytes and this one does not; fetch the proof again.',
    zh: '日志的哈希应为 32 字节，此处不是；请重新获取证明。',
  },
  E_LOG_FROM_ROOT: {
    en: 'The proof does not lead to the earlier root: the log was rewritten, or this is the proof of another one; keep both roots and report it.',
    zh: '证明推不出较早的根：日志被改写，或证明属于另一日志；请保留两个根并报告。',
  },
  E_LOG_ROOT: {
    en: 'The proof leads to another root than the one given; the entry, its place or the log is not what is claimed.',
    zh: '证明得出的根与所给的根不同；条目、位置或日志与声明不符。',
  },
} as const satisfies ErrorTable
