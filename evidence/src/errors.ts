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
  E_CHECKPOINT_FORM: {
    en: 'This text is not a checkpoint of a log; fetch it again from /log/checkpoint and keep every byte.',
    zh: '此文本不是日志检查点；请从 /log/checkpoint 重新获取并保持每个字节不变。',
  },
  E_CHECKPOINT_SIGNATURE: {
    en: 'A known key’s signature does not hold over this checkpoint; keep it and report it, and do not rely on the log until it is explained.',
    zh: '已知密钥的签名与此检查点不符；请保留并报告，在查明之前不要信赖该日志。',
  },
  E_CHECKPOINT_UNSIGNED: {
    en: 'No trusted key of this log signed the checkpoint; check the key that you were given.',
    zh: '没有该日志的可信密钥为此检查点签名；请核对所给的密钥。',
  },
  E_CHECKPOINT_VKEY: {
    en: 'This is not a verifier key of the form name+id+base64 for Ed25519; copy it whole.',
    zh: '这不是“名称+编号+base64”形式的 Ed25519 验证密钥；请完整复制。',
  },
  E_KEY_ED25519: {
    en: 'These bytes are not an Ed25519 public key that can be trusted; make a new key pair on the device.',
    zh: '这些字节不是可信任的 Ed25519 公钥；请在设备上重新生成密钥对。',
  },
  E_TILE_PATH: {
    en: 'There is no tile of the log at this path; follow C2SP tlog-tiles.',
    zh: '日志在此路径没有数据片；请遵循 C2SP tlog-tiles。',
  },
  E_TILE_BUNDLE: {
    en: 'The entry bundle is damaged; fetch it again.',
    zh: '条目包已损坏；请重新获取。',
  },
  E_TREE_EMPTY: { en: 'A tree has at least one reading. Leave an empty window out.', zh: '树至少含一条读数。空的时间窗请不要提交。' },
  E_TREE_BOUND: {
    en: 'A quantity, duration, count, end or sum is out of the bounds of the format (2^53 − 1). Start a new batch before the sum exceeds it.',
    zh: '数量、时长、计数、结束时间或其和超出格式上限（2^53 − 1）。请在求和超限之前另起一个批次。',
  },
  E_TREE_DIGEST: { en: 'The digest of a body is not 32 bytes. Hash the body again.', zh: '读数体摘要不是 32 字节。请重新计算。' },
  E_TREE_ORDER: {
    en: 'Keys are not strictly increasing. Sort the readings by key and give each key once.',
    zh: '键不是严格递增。请按键排序，每个键只出现一次。',
  },
  E_TREE_SHAPE: {
    en: 'The tree has another shape than that of RFC 6962. It was built by other rules, or altered.',
    zh: '树的形状不是 RFC 6962 的形状：它按别的规则生成，或被改动过。',
  },
  E_TREE_NODE: { en: 'A node is not 88 bytes. Fetch it again.', zh: '节点不是 88 字节。请重新获取。' },
  E_QUESTION_FORM: {
    en: 'A question is 1 to 256 sorted, disjoint key intervals and a mode, total or readings. Put it so.',
    zh: '问题须为 1 至 256 个有序、互不重叠的键区间，以及 total 或 readings 模式。请按此提出。',
  },
  E_PROOF_SIZE: { en: 'The proof is larger than 64 MiB. Ask a smaller question.', zh: '证明超过 64 MiB。请缩小问题范围。' },
  E_PROOF_NESTING: {
    en: 'Arrays in the proof are nested more than 54 deep. No tree of the format is that high; refuse its sender.',
    zh: '证明中的数组嵌套超过 54 层。此格式的树不会如此之高；请拒绝其发送者。',
  },
  E_PROOF_FORM: {
    en: 'A part of the proof is neither a pruned node, nor a leaf, nor a pair. Fetch the proof again.',
    zh: '证明的某部分既不是剪枝节点、叶子，也不是节点对。请重新获取证明。',
  },
  E_PROOF_NODE: {
    en: 'A pruned node does not hold two readings or more, or is out of its bounds. The tree or the proof was built wrongly.',
    zh: '剪枝节点未含两条以上读数，或超出范围。树或证明的生成有误。',
  },
  E_PROOF_STRADDLE: {
    en: 'A pruned node straddles an interval, so the answer would be incomplete. Ask for the proof of exactly this question.',
    zh: '剪枝节点跨越区间边界，答案将不完整。请获取恰好针对该问题的证明。',
  },
  E_PROOF_PRUNED: {
    en: 'The readings were asked for and a total was given. Ask again in mode readings.',
    zh: '请求的是逐条读数，得到的却是合计。请以 readings 模式重新请求。',
  },
  E_PROOF_EXPANDED: {
    en: 'A node is expanded that should be pruned: this is not the one proof of the question. Fetch it again.',
    zh: '应当剪枝的节点被展开：这不是该问题唯一的证明。请重新获取。',
  },
  E_PROOF_ROOT: {
    en: 'The proof leads to another root than the header commits to: something in it was altered. Do not use the answer.',
    zh: '证明得出的根与批次头承诺的根不同：其中内容被改动过。请勿使用该答案。',
  },
} as const satisfies ErrorTable
