import type { ErrorTable } from '@tanlian/units'

/** Codes with which evidence that others made can fail a check. The public check page carries these alone. */
export const CHECKING_ERRORS = {
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
  E_EQUIVOCATION_FORM: {
    en: 'The file is no proof of equivocation of a known form. Choose another file.',
    zh: '该文件不是已知格式的双签证明。请选择其他文件。',
  },
  E_EQUIVOCATION_SIGNATURE: {
    en: 'A statement in the file is not signed by the key that is named. The file proves nothing.',
    zh: '文件中有一份声明并非由所指密钥签署。该文件不能证明任何事。',
  },
  E_EQUIVOCATION_NONE: {
    en: 'The two statements can both be true. The file proves nothing.',
    zh: '两份声明可以同时成立。该文件不能证明任何事。',
  },
  E_CHECKPOINT_VKEY: {
    en: 'This is not a verifier key of the form name+id+base64 for Ed25519; copy it whole.',
    zh: '这不是“名称+编号+base64”形式的 Ed25519 验证密钥；请完整复制。',
  },
  E_KEY_ED25519: {
    en: 'These bytes are not an Ed25519 public key that can be trusted; make a new key pair on the device.',
    zh: '这些字节不是可信任的 Ed25519 公钥；请在设备上重新生成密钥对。',
  },
  E_TREE_BOUND: {
    en: 'A quantity, duration, count, end or sum is out of the bounds of the format (2^53 − 1). Start a new batch before the sum exceeds it.',
    zh: '数量、时长、计数、结束时间或其和超出格式上限（2^53 − 1）。请在求和超限之前另起一个批次。',
  },
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
  E_PROOF_SIZE: {
    en: 'The proof is larger than 64 MiB. Ask a smaller question.',
    zh: '证明超过 64 MiB。请缩小问题范围。',
  },
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
  E_FILTER_FORM: {
    en: 'The filter names no type, overlapping types, or an empty window. Give types of one to four bytes and a window.',
    zh: '筛选条件没有类型、类型重叠或时间窗为空。请给出一至四字节的类型和时间窗。',
  },
  E_CAR_SIZE: {
    en: 'The file has more bytes or blocks than are allowed. Split the batch.',
    zh: '文件的字节数或块数超出上限。请拆分批次。',
  },
  E_CAR_FORM: {
    en: 'The file is no CAR version 1 with one root. Export it again.',
    zh: '文件不是只有一个根的 CAR 第 1 版。请重新导出。',
  },
  E_CAR_CID: {
    en: 'A block does not match its CID: its bytes were altered. Do not use the file.',
    zh: '数据块与其 CID 不符：字节被改动过。请勿使用该文件。',
  },
  E_CAR_TWICE: { en: 'A block is in the file twice. Export it again.', zh: '同一数据块在文件中出现两次。请重新导出。' },
  E_CAR_MISSING: {
    en: 'A block that is named is not in the file. Send it whole.',
    zh: '文件缺少被引用的数据块。请完整发送。',
  },
  E_PACKAGE_FORM: {
    en: 'The file is no evidence package of this version, or was altered. Export it again.',
    zh: '文件不是此版本的证据包，或被改动过。请重新导出。',
  },
  E_VERDICT_CHAIN_NOT_ASKED: {
    en: 'The chain was not asked, so this holds only against what the package says of it. Check again with a connection.',
    zh: '未查询区块链，仅依据证据包所述成立。请联网后再次查验。',
  },
  E_VERDICT_OTHER_LOG: {
    en: 'The package is of another chain or log than the one that was asked. Ask the right one.',
    zh: '证据包属于另一条链或另一日志。请查询正确的链。',
  },
  E_VERDICT_LOG_ROOT: {
    en: 'The root of the package is not the one that the contract had at this size. The log shown is not the one on the chain.',
    zh: '证据包中的根与合约在该大小时的根不同。所示日志不是链上的日志。',
  },
  E_VERDICT_GAP: {
    en: 'A batch is hidden or out of order. Ask for all batches up to the head.',
    zh: '有批次被隐藏或次序错误。请索取直到链头的全部批次。',
  },
  E_VERDICT_ORGANIZATION: {
    en: 'A batch is not of the organization that was asked about.',
    zh: '有批次不属于所查询的组织。',
  },
  E_VERDICT_DIGEST: {
    en: 'An entry of the log names another header than the one shown: the header was altered.',
    zh: '日志条目对应的批次头与所示不同：批次头被改动过。',
  },
  E_VERDICT_CHAIN: {
    en: 'A header does not name the one before it: one was altered, added or taken out.',
    zh: '批次头没有引用前一个：有批次头被改动、加入或抽走。',
  },
  E_VERDICT_NOT_GRANTED: {
    en: 'Some batches are not open to whoever asked: no figure tells of them.',
    zh: '部分批次未向查询者开放，不计入任何数字。',
  },
  E_VERDICT_HEAD: {
    en: 'The chain knows more batches of this organization than the package: it is old, or batches are hidden.',
    zh: '链上该组织的批次多于证据包：证据包已旧，或有批次被隐藏。',
  },
  E_VERDICT_SIGNATURE: {
    en: 'A signature is not by a key of the organization that was valid for this batch.',
    zh: '签名不是由该组织对此批次有效的密钥作出。',
  },
  E_VERDICT_INCLUSION: { en: 'The entries are not in the log of this root.', zh: '条目不在该根对应的日志中。' },
  E_VERDICT_STREAMS: {
    en: 'The declarations of streams are not those that the headers name.',
    zh: '数据流声明与批次头所列不符。',
  },
  E_VERDICT_PROOF_MISSING: {
    en: 'A batch was located for the question and its proof is not there: the answer is not complete.',
    zh: '有批次应答而缺少证明：答案不完整。',
  },
  E_VERDICT_PROOF_UNUSED: {
    en: 'The package holds a proof that the question does not call for.',
    zh: '证据包含有问题并未要求的证明。',
  },
  E_VERDICT_STRANGER: {
    en: 'Readings of these types belong to no declared stream: the batch fails.',
    zh: '有该类型的读数不属于任何已声明的数据流：批次不成立。',
  },
  E_VERDICT_BODY: {
    en: 'A body is not the one that its reading commits to: flag, source or salt was altered.',
    zh: '读数体与读数的承诺不符：标记、来源或盐值被改动过。',
  },
  E_VERDICT_DEVICE_SIGNATURE: {
    en: 'A raw frame carries a signature that is not by the key declared for its device. Ask its owner what happened to it.',
    zh: '原始报文所带签名并非出自该设备声明的密钥。请向其所有者查询原因。',
  },
  E_VERDICT_DEVICE_KEY: {
    en: 'A raw frame is signed by a key of its device that was rotated or revoked before that counter. Ask its owner what happened to it.',
    zh: '原始报文所用的设备密钥在该计数之前已轮换或吊销。请向其所有者查询原因。',
  },
  E_VERDICT_NOT_OPENED: {
    en: 'Readings were not opened; a total does not need them. Ask for readings to open them.',
    zh: '未打开逐条读数；合计不需要它们。需要时请查询逐条读数。',
  },
  E_VERDICT_NO_WITNESS: {
    en: 'No outside witness audited every batch of this answer; the platform audited what it can read, which is not independent.',
    zh: '没有外部见证方审计过本答案的全部批次；仅由平台对其可读部分自行审计，不具独立性。',
  },
  E_VERDICT_PART_WITNESSED: {
    en: 'No one outside witness audited all of these batches; some are held by one.',
    zh: '没有任何一个外部见证方审计过全部所涉批次；其中部分批次有外部见证方认可。',
  },
  E_VERDICT_WITNESS_FAILS: {
    en: 'An outside witness says in the log that a batch of this answer does not hold. Look at its audit document.',
    zh: '有外部见证方在日志中声明本答复所涉批次未通过审计。请查看其审计文件。',
  },
} as const satisfies ErrorTable

/** Codes of those who make evidence, keep its log and witness it, and of reports. */
const FURTHER_ERRORS = {
  E_CHECKPOINT_FORM: {
    en: 'This text is not a checkpoint of a log; fetch it again from /log/checkpoint and keep every byte.',
    zh: '此文本不是日志检查点；请从 /log/checkpoint 重新获取并保持每个字节不变。',
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
  E_LOG_ROOT: {
    en: 'The proof leads to another root than the one given; the entry, its place or the log is not what is claimed.',
    zh: '证明得出的根与所给的根不同；条目、位置或日志与声明不符。',
  },
  E_CHECKPOINT_SIGNATURE: {
    en: 'A known key’s signature does not hold over this checkpoint; keep it and report it, and do not rely on the log until it is explained.',
    zh: '已知密钥的签名与此检查点不符；请保留并报告，在查明之前不要信赖该日志。',
  },
  E_CHECKPOINT_UNSIGNED: {
    en: 'No trusted key of this log signed the checkpoint; check the key that you were given.',
    zh: '没有该日志的可信密钥为此检查点签名；请核对所给的密钥。',
  },
  E_VERDICT_CHECKPOINT: {
    en: 'The signed checkpoint is of another root or size than the package: the log was shown differently.',
    zh: '已签名的检查点与证据包的根或大小不同：日志曾被以不同样子展示。',
  },
  E_FORM_FLAG: {
    en: 'A reading has an unknown flag, or one that does not go with the validity of its type. Correct the flag at its source.',
    zh: '读数的标记未知，或与其类型的有效性不符。请在数据来源处更正标记。',
  },
  E_LOG_FROM_ROOT: {
    en: 'The proof does not lead to the earlier root: the log was rewritten, or this is the proof of another one; keep both roots and report it.',
    zh: '证明推不出较早的根：日志被改写，或证明属于另一日志；请保留两个根并报告。',
  },
  E_COSIGNATURE: {
    en: 'The cosignature of a witness cannot be used. Sign the checkpoint anew with the key that the witness made known.',
    zh: '见证方的联署无法使用。请用该见证方已公布的密钥重新签署检查点。',
  },
  E_TILE_PATH: {
    en: 'There is no tile of the log at this path; follow C2SP tlog-tiles.',
    zh: '日志在此路径没有数据片；请遵循 C2SP tlog-tiles。',
  },
  E_TILE_BUNDLE: {
    en: 'The entry bundle is damaged; fetch it again.',
    zh: '条目包已损坏；请重新获取。',
  },
  E_VERDICT_REPORT: {
    en: 'The package does not hold the report that it says it is about; ask for it again.',
    zh: '证据包中没有其所称的报告；请重新下载。',
  },
  E_VERDICT_ANCHOR: {
    en: 'An entry came into the log in another block, or at another time, than the package says.',
    zh: '条目上链的区块或时间与证据包所述不符。',
  },
  E_VERDICT_PARTY: {
    en: 'The registry names an organization as another sort of party than the package does.',
    zh: '登记处所载的组织类别与证据包所述不符。',
  },
  E_VERDICT_STEP_BEFORE: {
    en: 'The step was left out because one before it did not hold.',
    zh: '因前面的步骤未通过，此步骤未执行。',
  },
  E_BATCH_EMPTY: {
    en: 'A batch has at least one reading. Leave an empty window out.',
    zh: '批次至少含一条读数。空的时间窗请不要提交。',
  },
  E_BATCH_READING: {
    en: 'A reading has a type, stream, start, duration or quantity out of its bounds. The message names the reading; correct it at its source.',
    zh: '某条读数的类型、数据流、起始时间、时长或数量超出范围。消息中写明了读数；请在数据来源处更正。',
  },
  E_BATCH_FLAG: {
    en: 'A reading has an unknown flag. Use one of N F M S D C T B E.',
    zh: '读数的标记未知。请使用 N F M S D C T B E 之一。',
  },
  E_BATCH_STREAM: {
    en: 'A reading belongs to a stream that is not declared with its type. Declare the stream; a stream never changes its type.',
    zh: '读数所属的数据流未按其类型申报。请先申报数据流；数据流的类型不可更改。',
  },
  E_BATCH_SUM: {
    en: 'The sum of quantities or durations would pass 2^53 − 1. Start a new batch before the reading that the message names.',
    zh: '数量或时长之和将超过 2^53 − 1。请在消息所指的读数之前另起一个批次。',
  },
  E_BATCH_TWICE: {
    en: 'Two readings of a stream have the same start and validity. Keep one of them.',
    zh: '同一数据流有两条起始时间和有效性都相同的读数。请保留其中一条。',
  },
  E_BATCH_OVERLAP: {
    en: 'Two readings of a stream overlap in time. Correct the starts or durations at their source.',
    zh: '同一数据流的两条读数在时间上重叠。请在数据来源处更正起始时间或时长。',
  },
  E_BATCH_CHUNKS: {
    en: 'A batch has 1 to 16,384 chunks. Divide the readings over several batches.',
    zh: '一个批次含 1 至 16,384 个数据块。请把读数分到多个批次。',
  },
  E_BATCH_SEED: {
    en: 'The source of seeds did not give 32 fresh bytes. Use the system’s random numbers.',
    zh: '种子来源没有给出 32 个新的随机字节。请使用系统随机数。',
  },
  E_GRANT_FORM: {
    en: 'A grant does not name owner, reader, types and time in its form. Write it anew with this version.',
    zh: '授权书未按规定形式写明所有者、读者、类型与时间。请用本版本重新生成。',
  },
  E_PRIVACY_FORM: {
    en: 'A privacy document does not list types with open, shared or closed in its form. Choose anew with this version.',
    zh: '隐私方式文件未按规定形式列出类型及其公开、共享或封闭方式。请用本版本重新选择。',
  },
  E_READER_KEY_FORM: {
    en: 'A document of readers’ keys does not list up to 64 keys of 32 bytes, sorted. Publish it anew with this version.',
    zh: '读者密钥文件未列出至多 64 个按序排列的 32 字节密钥。请用本版本重新发布。',
  },
  E_SEALED_DAMAGED: {
    en: 'A sealed block does not open: its key or content was changed, or it belongs to another place. Fetch it again; if it stays so, its owner must restate it.',
    zh: '加密数据块无法打开：其密钥或内容被改动，或不属于此处。请重新获取；若仍如此，须由数据所有者重述。',
  },
  E_SEALED_KEY: {
    en: 'A reader’s key is not 32 bytes of X25519, or is a point that must not be used. Publish another one.',
    zh: '读者密钥不是 32 字节的 X25519 密钥，或是不可使用的点。请另行发布。',
  },
  E_SEALED_PLAIN: {
    en: 'A sealed block opens to another block than the one that it names. Its owner must seal it again.',
    zh: '加密数据块解密后与其标明的数据块不符。须由数据所有者重新加密。',
  },
  E_SEALED_READER: {
    en: 'A sealed block names none of the keys here as its reader. Ask its owner for a grant, or use the key that was named.',
    zh: '此处的密钥均不在加密数据块的读者之列。请向数据所有者申请授权，或使用被授权的密钥。',
  },
  E_SEALED_READERS: {
    en: 'A block is sealed for 1 to 64 readers. Name at least the owner’s own key, and drop readers that need it no more.',
    zh: '数据块须为 1 至 64 个读者加密。请至少列入所有者自己的密钥，并去掉不再需要的读者。',
  },
  E_SUMMARY_COARSE: {
    en: 'The question is finer than the summary that its owner published. Ask for whole steps of the summary, or ask the owner.',
    zh: '问题比数据所有者发布的汇总更细。请按汇总的整步长提问，或向数据所有者询问。',
  },
  E_SUMMARY_FORM: {
    en: 'A summary’s granularity is a whole number of seconds from 1 to 366 days. Give one of these.',
    zh: '汇总的粒度须为 1 秒至 366 天的整数秒。请给出其中之一。',
  },
  E_TREE_EMPTY: {
    en: 'A tree has at least one reading. Leave an empty window out.',
    zh: '树至少含一条读数。空的时间窗请不要提交。',
  },
  E_TREE_COLUMNS: {
    en: 'The columns of the leaves or bodies do not belong together: their lengths differ. Give each reading one place in every column.',
    zh: '叶子或读数体的各列长度不一致。请让每条读数在每一列中各占一个位置。',
  },
  E_TREE_DIGEST: {
    en: 'The digest of a body is not 32 bytes. Hash the body again.',
    zh: '读数体摘要不是 32 字节。请重新计算。',
  },
  E_STATE_FORMAT: {
    en: 'A stored state is of another version. Open it with the version that wrote it, or rebuild it from the log.',
    zh: '存储的状态属于其他版本。请用写入它的版本打开，或由日志重建。',
  },
  E_AUDIT_ORGANIZATION: {
    en: 'The batch is of another organization. Sign in as the one that it names.',
    zh: '批次属于另一组织。请以批次所属组织的身份提交。',
  },
  E_AUDIT_SEQUENCE: {
    en: 'The batch does not have the next sequence. Renumber it on the present head and sign again.',
    zh: '批次的序号不是下一个。请按当前链头重新编号并签名。',
  },
  E_AUDIT_PREVIOUS: {
    en: 'The batch does not name the header before it. Renumber it on the present head and sign again.',
    zh: '批次没有引用前一个批次头。请按当前链头重新编号并签名。',
  },
  E_AUDIT_INDEX: {
    en: 'A chunk and the index do not agree in range or count. Build the batch again.',
    zh: '数据块与索引的范围或条数不一致。请重新生成批次。',
  },
  E_AUDIT_SEALED: {
    en: 'Blocks of the batch are sealed for others, so it cannot be audited here. Only a reader of all of them can; ask the owner for a grant.',
    zh: '批次中有为他人加密的数据块，此处无法验算。只有能读取其全部数据块的读者才能验算；请向数据所有者申请授权。',
  },
  E_AUDIT_SEALED_FRAME: {
    en: 'A raw frame of a sealed chunk came in plain, so anyone could read it. Seal the frame as well and send the batch again.',
    zh: '加密数据块的原始报文以明文提交，任何人均可读取。请将报文一并加密后重新提交批次。',
  },
  E_AUDIT_STREAM: {
    en: 'A stream is not declared, or otherwise than before. Declare a replaced meter as a new stream.',
    zh: '数据流未声明，或与先前声明不同。更换的计量器具请声明为新的数据流。',
  },
  E_AUDIT_EXTRA: {
    en: 'The file holds a block that is no part of the batch. Leave it out.',
    zh: '文件含有不属于该批次的数据块。请去掉它。',
  },
  E_AUDIT_TREE: {
    en: 'The tree rebuilt from the readings is not the one that the header names. Build the batch again.',
    zh: '由读数重建的树与批次头所列不同。请重新生成批次。',
  },
  E_AUDIT_WINDOW: {
    en: 'The times of the header are not the least start and greatest end of its readings. Build the batch again.',
    zh: '批次头的起止时间不是其读数的最早开始与最晚结束。请重新生成批次。',
  },
  E_AUDIT_OVERLAP: {
    en: 'Two readings of one stream overlap in time. Send a correction as a restatement.',
    zh: '同一数据流的两条读数时间重叠。更正请以重述方式提交。',
  },
  E_PROFILE_FORM: {
    en: 'A profile of an organization lacks a field, has one too many, or holds a value of the wrong form. The message names the field.',
    zh: '组织资料缺少字段、多出字段或字段形式不对。消息中写明了字段。',
  },
  E_REASON_FORM: {
    en: 'A reason lacks its text or salt, has a field too many, or is too long. Write 1 to 1,000 characters.',
    zh: '理由缺少文字或盐值、多出字段或过长。请填写 1 至 1000 个字符。',
  },
  E_MAPPING: {
    en: 'The mapping is not of the form tanlian/mapping/1 at the place that is named; correct it there.',
    zh: '映射文件在所指位置不符合 tanlian/mapping/1 的形式；请在该处更正。',
  },
  E_TABLE_COLUMN: {
    en: 'The file lacks a column of the mapping, or has it twice; check the mapping against the file’s header.',
    zh: '文件缺少映射中的某列，或该列重复；请将映射与文件表头核对。',
  },
  E_TABLE_CELLS: {
    en: 'The row has another number of cells than the header; check separators and quotes.',
    zh: '该行的单元格数与表头不同；请检查分隔符和引号。',
  },
  E_TABLE_TIME: {
    en: 'The time is not of the form that the mapping names; correct the cell or the format.',
    zh: '时间不符合映射中声明的格式；请更正单元格或格式。',
  },
  E_TABLE_FLAG: {
    en: 'The flag column holds a text that the mapping does not name; add it to the mapping.',
    zh: '标志列中的文字未在映射中声明；请在映射中补充。',
  },
  E_TABLE_NUMBER: {
    en: 'The cell is not a decimal number; correct it, or name it as a token of missing values.',
    zh: '单元格不是十进制数；请更正，或将其声明为缺失值标记。',
  },
  E_TABLE_INEXACT: {
    en: 'The value has more digits than the base unit keeps; name a rounding mode in the mapping.',
    zh: '数值的位数超出基本单位的精度；请在映射中指定舍入方式。',
  },
  E_TABLE_NEGATIVE: {
    en: 'The quantity is negative; use the type for the other direction, or correct the cell.',
    zh: '数量为负；请使用相反方向的类型，或更正单元格。',
  },
  E_TABLE_RANGE: {
    en: 'The quantity is over 2^53 − 1 of its base unit; check the unit in the mapping.',
    zh: '数量超过基本单位的 2^53 − 1；请检查映射中的单位。',
  },
  E_TABLE_ORDER: {
    en: 'A register must be read in the order of time; sort the file by time.',
    zh: '累计表底须按时间先后排列；请将文件按时间排序。',
  },
  E_TABLE_REGISTER: {
    en: 'The register went back; declare its rollover if it began again at zero, or a new stream if the meter was replaced.',
    zh: '累计表底变小；若归零请声明量程，若更换了仪表请另立数据流。',
  },
  E_TABLE_DUPLICATE: {
    en: 'The stream has a reading at this time already; remove one, or declare that repeated rows are skipped.',
    zh: '该数据流在此时刻已有读数；请删除其一，或声明跳过重复行。',
  },
  E_TABLE_OVERLAP: {
    en: 'The interval overlaps an earlier reading of the stream; check the interval and the meaning of the stamp.',
    zh: '时间区间与该数据流已有读数重叠；请检查区间长度和时间戳含义。',
  },
} as const satisfies ErrorTable

/**
 * Every code that this package returns or throws: what happened and what to do (`docs/errors.md`).
 * Marked pure, so that a page that checks only does not carry the rest.
 */
export const EVIDENCE_ERRORS: typeof CHECKING_ERRORS & typeof FURTHER_ERRORS = /* @__PURE__ */ Object.assign(
  {},
  CHECKING_ERRORS,
  FURTHER_ERRORS,
)
