import type { ErrorTable } from '@tanlian/units'

/** Codes of the sdk: what happened and what to do. A server's own codes are passed on unchanged. */
export const SDK_ERRORS = {
  E_CLIENT_NETWORK: {
    en: 'The platform cannot be reached. Check the address and that it is running, then try again.',
    zh: '无法连接平台。请检查地址以及平台是否在运行，然后重试。',
  },
  E_CLIENT_TIMEOUT: {
    en: 'The platform did not answer in time. Nothing is lost: try again.',
    zh: '平台未在限定时间内应答。数据没有丢失，请重试。',
  },
  E_CLIENT_ANSWER: {
    en: 'The platform gave an answer of an unknown form. Check that the address is a Tanlian platform of this version.',
    zh: '平台的应答格式无法识别。请确认该地址是本版本的碳链平台。',
  },
  E_CLIENT_SPEC: {
    en: 'The platform speaks another version of the evidence format. Use a client of that version.',
    zh: '平台使用的证据格式版本不同。请使用对应版本的客户端。',
  },
  E_PRIVACY_READER: {
    en: 'The organization has logged no reader’s key, so it could not read what it seals. Log one on its privacy page, or with `tanlian privacy publish`.',
    zh: '组织尚未上链读者密钥，加密后自己也无法读取。请在其数据隐私页面发布，或使用 `tanlian privacy publish`。',
  },
  E_PRIVACY_PLATFORM: {
    en: 'The platform names no key for which shared data could be sealed. Keep the type closed, or use another platform.',
    zh: '平台未给出可供共享数据加密的密钥。请改为 closed（封闭），或换用其他平台。',
  },
  E_PRIVACY_FORGED: {
    en: 'What the platform says of readers is not signed by those whom it names. Nothing was sealed or sent; ask its operator.',
    zh: '平台给出的读者信息没有相应组织的签名。未加密也未发送任何数据；请询问平台运营方。',
  },
  E_GRANTED_NOTHING: {
    en: 'Nothing of this period and these types is open to the keys given. What was sealed before a grant stays closed; ask the owner for a package of it.',
    zh: '所给密钥无法打开该时段与类型的任何数据。授权之前加密的数据仍然封闭；可请所有者提供相应的证据包。',
  },
  E_GRANTED_TREE: {
    en: 'The opened readings do not come to the sums that the batch was signed for. Do not use them; report the batch.',
    zh: '打开的读数与该批次签名所对应的汇总不符。请勿使用，并报告该批次。',
  },
  E_CLIENT_JOB_FAILED: {
    en: 'The chain refused the act. Read the reason, correct it and sign again.',
    zh: '链上拒绝了该操作。请根据原因更正后重新签名。',
  },
  E_CHAIN_RPC: {
    en: 'The chain node refused or could not answer. Check the RPC address, or use another node.',
    zh: '链节点拒绝请求或无法应答。请检查 RPC 地址，或换用其他节点。',
  },
  E_CHAIN_ANSWER: {
    en: 'The chain node gave an answer of an unknown form. Check that the contract addresses belong to this chain.',
    zh: '链节点的应答格式无法识别。请确认合约地址属于该链。',
  },
  E_CHAIN_ID: {
    en: 'The node serves another chain than the one named. Check the RPC address.',
    zh: '该节点所在的链与所指定的链不同。请检查 RPC 地址。',
  },
  E_KEYSTORE_FORM: {
    en: 'The file is not an encrypted keystore of version 3. Choose another file.',
    zh: '该文件不是第 3 版加密密钥文件。请选择其他文件。',
  },
  E_KEYSTORE_PASSPHRASE: {
    en: 'The passphrase does not open this keystore. Try again.',
    zh: '口令无法打开该密钥文件。请重试。',
  },
  E_KEYSTORE_WEAK: {
    en: 'The passphrase is too short. Use at least ten characters.',
    zh: '口令过短。请至少使用十个字符。',
  },
  E_KEYSTORE_PHRASE: {
    en: 'The recovery phrase is not 24 words of the English list with a matching checksum. Check each word and their order.',
    zh: '恢复短语不是英文词表中校验和相符的 24 个单词。请核对每个单词及其顺序。',
  },
  E_KEY_SECRET: {
    en: 'The private key is not a number of the curve. Make a new one.',
    zh: '私钥不在曲线的有效范围内。请重新生成。',
  },
  E_RECEIPT_INVALID: {
    en: 'The receipt is not what was sent, or its signature is not the platform’s. Keep the signed batch and report it.',
    zh: '回执与所发送内容不符，或签名不是平台的签名。请保留已签名的批次并报告。',
  },
  E_OUTBOX_CONFLICT: {
    en: 'Another statement was signed for this sequence and it is not proven that it stays out. Resend it before signing anew.',
    zh: '该序号已签过另一条声明，且无法证明它未被接收。请先重发原声明，再重新签名。',
  },
  E_OUTBOX_HEAD_BEHIND: {
    en: 'The platform has forgotten an entry that it had acknowledged. Nothing was signed; ask the platform to restore it.',
    zh: '平台丢失了已确认的条目。未进行任何签名；请要求平台恢复该条目。',
  },
  E_FILE_MISSING: {
    en: 'The file cannot be opened. Check its name and your rights.',
    zh: '无法打开文件。请检查文件名和权限。',
  },
  E_FILE_NAME: {
    en: 'The name cannot be used for a file. Use letters, digits, dot, dash and underscore.',
    zh: '该名称不能用作文件名。请使用字母、数字、点、连字符和下划线。',
  },
  E_FILE_LOCKED: {
    en: 'Another process is using this folder. Wait for it to end.',
    zh: '另一个进程正在使用该文件夹。请等待其结束。',
  },
  E_OUTBOX_DAMAGED: {
    en: 'A saved signed batch does not match its digest. Restore the folder from a copy; nothing was sent.',
    zh: '已保存的签名批次与其摘要不符。请从副本恢复该文件夹；未发送任何内容。',
  },
  E_OUTBOX_BUSY: {
    en: 'The head of the organization moved at every try. Other machines are sending; try again later.',
    zh: '每次尝试时该组织的链头都已变化。其他机器正在发送，请稍后重试。',
  },
  E_DATASET_FORM: {
    en: 'The description of the data set is not of the known form. Correct the field that is named.',
    zh: '数据集的说明不符合已知格式。请更正所指出的字段。',
  },
  E_CSV_QUOTE: {
    en: 'A quoted field of the table does not end, or text follows its closing quote. Correct the row.',
    zh: '表格中带引号的字段没有结束，或右引号之后还有文字。请更正该行。',
  },
  E_CSV_RECORD_SIZE: {
    en: 'A row of the table is longer than 256 KiB. Check the line ends and the quotes.',
    zh: '表格中有一行超过 256 KiB。请检查换行和引号。',
  },
  E_CSV_ENCODING: {
    en: 'The table is not text in the stated encoding. Save it as UTF-8, or name its encoding.',
    zh: '表格不是所声明编码的文本。请另存为 UTF-8，或指明编码。',
  },
  E_TRACE_BLOCK: {
    en: 'A block is missing or does not match its CID at every gateway asked. The evidence is unavailable, not refuted.',
    zh: '所有网关都没有该数据块，或其内容与 CID 不符。证据不可用，但并未被否定。',
  },
  E_WITNESS_DISAGREES: {
    en: 'The two chain nodes of the witness disagree. Nothing is read on until they agree: find out which one is wrong.',
    zh: '见证方的两个链节点说法不一致。在其一致之前不再读取；请查明哪一个有误。',
  },
  E_WITNESS_ANSWER: {
    en: 'A chain node or the platform gave the witness an answer of an unknown form. It is asked again; look at who is behind the address.',
    zh: '链节点或平台给出了无法识别的应答。将再次询问；请查明该地址背后是谁。',
  },
  E_WITNESS_MOVED: {
    en: 'The chain changed while it was read. It is read again.',
    zh: '读取期间链发生了变化。将重新读取。',
  },
  E_WITNESS_REORG_DEEP: {
    en: 'The chain went back further than a witness follows, or is another one. Compare with another node before you begin anew.',
    zh: '链回退的深度超出见证方可跟随的范围，或已是另一条链。请先与其他节点比对，再重新开始。',
  },
  E_WITNESS_CONSISTENCY: {
    en: 'The log on the chain node contradicts itself or was rewritten. The witness stopped; compare with another node.',
    zh: '链节点给出的日志自相矛盾或被改写。见证已停止；请与其他节点比对。',
  },
  E_WITNESS_CHECKPOINT: {
    en: 'The platform signed a checkpoint that cannot be true. The witness cosigns nothing any more; keep the checkpoint and ask the platform.',
    zh: '平台签署的检查点不可能成立。见证方不再联署；请保留该检查点并向平台查询。',
  },
  E_WITNESS_LISTEN: {
    en: 'The witness cannot listen there. Name another address with --listen.',
    zh: '见证方无法在该地址监听。请用 --listen 指定其他地址。',
  },
  E_WITNESS_BUSY: {
    en: 'Too many receipts wait for their entries at this witness. Ask another one.',
    zh: '该见证方等待核对的回执过多。请交给另一个见证方。',
  },
  E_WITNESS_FOLDER: {
    en: 'The folder belongs to the witness of another log or key. Name another one with --data.',
    zh: '该目录属于另一份日志或另一密钥的见证。请用 --data 指定其他目录。',
  },
  E_WITNESS_DAMAGED: {
    en: 'A file of the witness is damaged. Restore the folder from a copy, or begin anew in an empty one.',
    zh: '见证方的文件已损坏。请从副本恢复该目录，或在空目录中重新开始。',
  },
  E_IMPORT_FILE_KIND: {
    en: 'Tables of this kind cannot be read. Use CSV (also .gz), TOA5 .dat or .xlsx.',
    zh: '无法读取此类表格。请使用 CSV（含 .gz）、TOA5 .dat 或 .xlsx。',
  },
} as const satisfies ErrorTable

/** A code that the sdk itself gives. */
export type SdkErrorCode = keyof typeof SDK_ERRORS
