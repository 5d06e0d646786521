import type { ErrorTable } from '@tanlian/units'

/** Every code that this package gives, with what happened and what to do. `docs/errors.md` is held to it. */
export const REGISTRY_ERRORS = {
  // Refusals of the two contracts, one for each of their errors.
  E_ACT_EXPIRED: {
    en: 'The signed act could be relayed until a time that is over; sign it again with a later expiry.',
    zh: '已签名的操作超过了可提交的时限；请以更晚的到期时间重新签名。',
  },
  E_ACT_KEY_REFUSED: {
    en: 'The signer has no active key for acts of this organization, or signed other bytes; sign with such a key.',
    zh: '签名者没有该组织有效的操作密钥，或签署的内容不同；请用该组织的操作密钥签名。',
  },
  E_ACT_NONCE_NOT_NEXT: {
    en: "The act does not name the signer's next nonce: it was carried out already, or another comes first; read the nonce and sign again.",
    zh: '操作的序号不是签名者的下一个序号：它已被执行，或另有操作在先；请读取序号后重新签名。',
  },
  E_ACT_ORGANIZATION_SUSPENDED: {
    en: 'The acting organization is suspended by a regulator; until it is reinstated it can only give up rights.',
    zh: '操作组织已被监管方暂停；恢复之前只能放弃权利。',
  },
  E_ACT_SIGNATURE_COUNT: {
    en: 'The act needs another number of signatures; give 65 bytes of the acting key, then of each new key that it names.',
    zh: '签名数量与操作不符；请依次给出操作密钥和每个新密钥的 65 字节签名。',
  },
  E_ACT_SIGNATURE_INVALID: {
    en: 'A signature of the act is malformed or is not by the key that should have made it; sign again with that key.',
    zh: '操作的某个签名格式不对，或不是由应签的密钥签署；请用该密钥重新签名。',
  },
  E_APPLICATION_KIND_UNKNOWN: {
    en: 'The application names a kind of party that does not exist; choose one of 1 to 7.',
    zh: '申请中的主体类型不存在；请从 1 到 7 中选择。',
  },
  E_APPLICATION_LAPSED: {
    en: 'The application can no longer be approved; apply again.',
    zh: '该申请已过期，不能再批准；请重新申请。',
  },
  E_APPLICATION_NOT_LAPSED: {
    en: 'The application can still be approved and cannot be cleared away yet; wait until its time is over.',
    zh: '该申请仍可批准，尚不能清除；请等到期限届满。',
  },
  E_APPLICATION_OPEN: {
    en: 'This key has an application that is still open; wait for its decision.',
    zh: '此密钥有一份申请仍在处理中；请等待结果。',
  },
  E_APPLICATION_UNKNOWN: {
    en: 'There is no open application of this digest; check it, or see whether it was decided already.',
    zh: '没有此摘要的待处理申请；请核对，或查看是否已有结果。',
  },
  E_APPLICATIONS_FULL: {
    en: 'As many applications are open as the registry allows; a regulator refuses some, or lapsed ones are cleared away.',
    zh: '待处理的申请已达上限；请监管方驳回部分申请，或清除已过期的申请。',
  },
  E_BINDING_EXISTS: {
    en: 'The enterprise is bound to a platform already; unbind it first.',
    zh: '该企业已绑定平台；请先解除绑定。',
  },
  E_BINDING_NOT_REQUESTED: {
    en: 'The enterprise did not ask to be bound to this platform; it has to ask first.',
    zh: '该企业没有申请绑定此平台；须先提出申请。',
  },
  E_BINDING_UNKNOWN: {
    en: 'There is neither a binding nor a request between these two; check the two ids.',
    zh: '两者之间既无绑定也无申请；请核对两个编号。',
  },
  E_ENTRY_KEY_REFUSED: {
    en: 'The entry is not signed by a key that its organization has for this kind at this sequence, or was altered; sign with such a key.',
    zh: '条目不是由该组织在此类型、此序号下有效的密钥签署，或已被改动；请用有效密钥签名。',
  },
  E_ENTRY_KIND_UNKNOWN: {
    en: 'The entry is neither a batch nor a document; its kind must be 1 or 2.',
    zh: '条目既不是批次也不是文件；类型必须为 1 或 2。',
  },
  E_ENTRY_ORGANIZATION_SUSPENDED: {
    en: 'The organization is suspended by a regulator; its entries are refused until it is reinstated.',
    zh: '该组织已被监管方暂停；恢复之前其条目不被接受。',
  },
  E_ENTRY_ORGANIZATION_UNBOUND: {
    en: 'The organization is bound to no platform; batches are taken only from bound ones.',
    zh: '该组织未绑定平台；只接受已绑定组织的批次。',
  },
  E_ENTRY_SEQUENCE_NOT_NEXT: {
    en: "The entry does not continue its organization's sequence; read the head, renumber and sign again.",
    zh: '条目没有接续该组织的序号；请读取最新序号，重新编号并签名。',
  },
  E_ENTRY_SIGNATURE_INVALID: {
    en: 'The signature of the entry is malformed; it has 65 bytes, v 27 or 28, and a low s.',
    zh: '条目的签名格式不对；应为 65 字节，v 为 27 或 28，s 取低值。',
  },
  E_KEY_ENDED: {
    en: 'The key ends before that sequence already; nothing is left to revoke there.',
    zh: '该密钥在此序号之前已经终止；无需再撤销。',
  },
  E_KEY_INVALID: {
    en: 'The key is zero, is named twice in one act, or is the recovery address; choose another.',
    zh: '密钥为零、在同一操作中重复，或就是找回地址；请换一个。',
  },
  E_KEY_LAST: {
    en: 'This is the only active key for acts and cannot be revoked; rotate it instead.',
    zh: '这是唯一有效的操作密钥，不能撤销；请改为轮换。',
  },
  E_KEY_PURPOSE_UNKNOWN: {
    en: 'The purpose of the key does not exist; it is 1 batches, 2 documents or 3 acts.',
    zh: '密钥用途不存在；应为 1 批次、2 文件或 3 操作。',
  },
  E_KEY_RANGE_INVALID: {
    en: 'The range of sequences of the key is empty or out of bounds; for acts it is 0 to 0.',
    zh: '密钥的序号范围为空或越界；操作密钥的范围为 0 到 0。',
  },
  E_KEY_RANGE_USED: {
    en: 'The sequences concerned are in the log already; begin above the head, and answer wrong entries by restatement.',
    zh: '所涉序号已在日志中；请从最新序号之后开始，错误条目以更正方式处理。',
  },
  E_KEY_TAKEN: {
    en: 'The key belongs to an organization, for ever; make a new one.',
    zh: '该密钥已永久归属某组织；请生成新的密钥。',
  },
  E_KEY_UNKNOWN: {
    en: 'The organization has no such key; check the address.',
    zh: '该组织没有此密钥；请核对地址。',
  },
  E_LOG_FULL: {
    en: 'The log holds as many entries as it can; deploy a successor log.',
    zh: '日志条目已达上限；请部署后继日志。',
  },
  E_LOG_LIST_EMPTY: {
    en: 'A list without entries was appended; give at least one.',
    zh: '提交的条目列表为空；请至少给出一条。',
  },
  E_LOG_ORIGIN_HEAD_INVALID: {
    en: 'A head of the older log is out of bounds or named twice, or the heads do not add up to its size; read them again.',
    zh: '旧日志的某个最新序号越界、重复，或合计与其大小不符；请重新读取。',
  },
  E_LOG_ORIGIN_ROOT_MISMATCH: {
    en: "The older log's edge does not fold to its root; read both at one block.",
    zh: '旧日志的边缘与其根不一致；请在同一区块读取两者。',
  },
  E_LOG_REGISTRY_MISMATCH: {
    en: 'The registry names another log than the one that is deployed; deploy the two one after the other, by one account.',
    zh: '登记合约指定的日志与所部署的不同；请用同一账户先后部署两者。',
  },
  E_ORGANIZATION_IS_ACTOR: {
    en: 'A regulator cannot suspend or recover itself; another regulator can.',
    zh: '监管方不能暂停或找回自身；须由另一监管方操作。',
  },
  E_ORGANIZATION_KIND_WRONG: {
    en: 'The act needs an organization of another kind: a regulator to decide, a platform to be bound to.',
    zh: '组织类型不符：审批须由监管方，绑定对象须为平台。',
  },
  E_ORGANIZATION_NOT_SUSPENDED: {
    en: 'The organization is not suspended; there is nothing to end.',
    zh: '该组织未被暂停；无需恢复。',
  },
  E_ORGANIZATION_SUSPENDED: {
    en: 'The regulator has suspended this organization; it has to be reinstated first.',
    zh: '该组织已被监管方暂停；须先恢复。',
  },
  E_ORGANIZATION_UNKNOWN: {
    en: 'There is no organization of this id; check the number.',
    zh: '没有此编号的组织；请核对编号。',
  },
  E_RECOVERY_NOT_YET: {
    en: 'The delay of the recovery is not over; wait until the time that is named.',
    zh: '找回的等待期未满；请等到所示时间。',
  },
  E_RECOVERY_UNKNOWN: {
    en: 'No recovery with this key waits for the organization; check the key.',
    zh: '该组织没有使用此密钥的待生效找回；请核对密钥。',
  },

  // The chain, its nodes and the deployment.
  E_CHAIN_DISAGREES: {
    en: 'Two nodes say different things about the chain; nothing is read on until they agree: find out which one is wrong.',
    zh: '两个节点对链的说法不一致；一致之前不再读取：请查明哪个节点有误。',
  },
  E_CHAIN_MOVED: {
    en: 'The chain changed while it was read; it is read again by itself.',
    zh: '读取期间链发生了变化；系统会自动重新读取。',
  },
  E_CHAIN_REVERTED: {
    en: 'A contract reverted without an error that is known here; compare the versions of contract and software.',
    zh: '合约以未知错误回退；请核对合约与软件的版本。',
  },
  E_DEPLOY_CHAIN: {
    en: 'The node belongs to another chain than the contracts; check RPC_URL.',
    zh: '节点所在的链与合约不同；请检查 RPC_URL。',
  },
  E_DEPLOY_CODE: {
    en: 'The code at a contract’s address is not what was deployed; do not write, and compare with another node.',
    zh: '合约地址上的代码与部署时不同；请停止写入，并与其他节点比对。',
  },
  E_DEPLOY_FAILED: {
    en: 'A contract could not be deployed; the message says why.',
    zh: '合约部署失败；原因见消息。',
  },
  E_DEPLOY_GENESIS: {
    en: 'The chain began with another block: it is another one, or was wiped; restore it, or anchor anew.',
    zh: '链的创世区块不同：这是另一条链或已被清空；请恢复它，或重新存证。',
  },
  E_DEPLOY_MISSING: {
    en: 'The chain has no contract at the known address: it went back before the deployment; restore it, or anchor anew.',
    zh: '已知地址上没有合约：链回到了部署之前；请恢复它，或重新存证。',
  },
  E_DEPLOY_PAIR: {
    en: 'Registry and log do not name each other; check the two addresses.',
    zh: '登记合约与日志合约没有互相指定；请核对两个地址。',
  },
  E_NODE_IN_USE: {
    en: 'Another living process runs the embedded chain of this data folder; stop it, or use another folder.',
    zh: '另一个进程正在运行此数据目录的内置链；请停止它，或换一个目录。',
  },
  E_NODE_PORT: {
    en: 'The port for the embedded chain cannot be used; choose another with --rpc-port.',
    zh: '内置链的端口无法使用；请用 --rpc-port 指定其他端口。',
  },
  E_NODE_START: {
    en: 'The embedded chain did not start; read its message, and check the disk and the port.',
    zh: '内置链未能启动；请查看其消息，并检查磁盘与端口。',
  },
  E_SIGNER_DEVELOPMENT_KEY: {
    en: 'The key is published and is refused off the development chain; make one of your own.',
    zh: '该密钥是公开的，在开发链之外不予使用；请自行生成密钥。',
  },
  E_SIGNER_KEY: {
    en: 'There is no development key of this number; use 0 to 9.',
    zh: '没有此编号的开发密钥；请使用 0 到 9。',
  },

  // Reading back and sending.
  E_INDEX_CURSOR: {
    en: 'The kept projection stands elsewhere than the indexer believed; another process wrote it, and it is opened anew.',
    zh: '已保存的投影位置与索引器所知不同；有其他进程写入，将重新打开。',
  },
  E_INDEX_EVENT: {
    en: 'An event cannot follow those before it: the node left some out; compare with another node.',
    zh: '某个事件无法接续之前的事件：节点有遗漏；请与其他节点比对。',
  },
  E_INDEX_REORG_DEEP: {
    en: 'The chain went back further than is allowed, or is another one; nothing is read or written until an operator has looked.',
    zh: '链回退超过允许的深度，或是另一条链；在运维人员检查之前不再读写。',
  },
  E_INDEX_ROOT: {
    en: 'The root of the log is not the one computed from its entries: the node altered events; compare with another node.',
    zh: '日志的根与由条目计算的不符：节点篡改了事件；请与其他节点比对。',
  },
  E_INDEX_UNREACHABLE: {
    en: 'The chain or the database does not answer; reading goes on when it does.',
    zh: '链或数据库没有响应；恢复后会继续读取。',
  },
  E_OUTBOX_CHAIN_SHORT: {
    en: 'The chain forgot transactions that were final; nothing is sent until it is restored or anchored anew.',
    zh: '链丢失了已终结的交易；恢复或重新存证之前不再发送。',
  },
  E_OUTBOX_FUNDS: {
    en: "The sending account cannot pay for gas; send it some of the chain's money.",
    zh: '发送账户余额不足以支付燃料费；请为其充值。',
  },
  E_OUTBOX_HELD: {
    en: 'Another process sends with this key; stop it first.',
    zh: '另一个进程正在使用此密钥发送；请先停止它。',
  },
  E_OUTBOX_INTENT: {
    en: 'The intent is malformed, or one of the same name with other content is there already; use another name.',
    zh: '意图格式不对，或已有同名而内容不同的意图；请换一个名称。',
  },
  E_OUTBOX_UNREACHABLE: {
    en: 'The chain or the database does not answer; sending goes on when it does.',
    zh: '链或数据库没有响应；恢复后会继续发送。',
  },
} as const satisfies ErrorTable
