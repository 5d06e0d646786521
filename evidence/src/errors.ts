import type { ErrorTable } from '@tanlian/units'

/** Every code that this package returns or throws: what happened and what to do (`docs/errors.md`). */
export const EVIDENCE_ERRORS = {
  E_BLOCK_NOT_CANONICAL: {
    en: 'A block is not canonical DAG-CBOR. Encode it again by the specification; do not repair the bytes.',
    zh: '数据块不是规范的 DAG-CBOR 编码。请按规范重新编码，不要修补字节。',
  },
  E_CID_FORM: {
    en: 'A content identifier is not of version 1, dag-cbor, sha2-256 in base32 lower case. Check what was pasted.',
    zh: '内容标识符（CID）不是第 1 版、dag-cbor、sha2-256、小写 base32 的形式。请检查粘贴的内容。',
  },
  E_ENTRY_FORM: {
    en: 'A log entry has a part that is out of its bounds. Rebuild it from its header or document.',
    zh: '日志条目有超出范围的部分。请由批次头或文件重新生成。',
  },
  E_FORM: {
    en: 'A block lacks a field, has one too many, or holds a value of the wrong form. The message names the field.',
    zh: '数据块缺少字段、多出字段或字段形式不对。消息中写明了字段。',
  },
  E_FORM_FLAG: {
    en: 'A reading has an unknown flag, or one that does not go with the validity of its type. Correct the flag at its source.',
    zh: '读数的标记未知，或与其类型的有效性不符。请在数据来源处更正标记。',
  },
  E_HEX_FORM: {
    en: 'A text is not lower-case hex of the expected length. Check what was pasted.',
    zh: '文本不是规定长度的小写十六进制。请检查粘贴的内容。',
  },
  E_KEY_LENGTH: {
    en: 'A key or bound is not 16 bytes. Give 32 hexadecimal digits.',
    zh: '键或区间端点不是 16 字节。请给出 32 位十六进制数。',
  },
  E_KEY_RANGE: {
    en: 'The type, stream or start of a key is out of its bounds. Use integers within the bounds that the message names.',
    zh: '键的类型、数据流或起始时间超出范围。请使用消息所列范围内的整数。',
  },
  E_SIGNATURE_FORM: {
    en: 'A signature is not of 65 bytes with v 27 or 28 and low s, or no key belongs to it. Sign again.',
    zh: '签名不是 65 字节、v 为 27 或 28、低 s 值的形式，或没有对应的公钥。请重新签名。',
  },
  E_TYPED_DATA: {
    en: 'A field of the message to be signed is missing or does not fit its type. The message names the field.',
    zh: '待签名消息的字段缺失或与类型不符。消息中写明了字段。',
  },
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
