import type { ErrorTable } from '@tanlian/units'

/** Everything the platform itself refuses or fails with; problem.ts maps each code to a status. */
export const PLATFORM_ERRORS = {
  // Process and storage
  E_INSTANCE_LOCKED: {
    en: 'Another instance is using this data folder; stop it, or name another folder with --data.',
    zh: '另一个实例正在使用该数据目录；请先停止它，或用 --data 指定其他目录。',
  },
  E_DATABASE_START: {
    en: 'The embedded PostgreSQL did not start; its last lines are shown, set them right or name a server in DATABASE_URL.',
    zh: '内嵌 PostgreSQL 未能启动；请根据所示日志排除原因，或用 DATABASE_URL 指定数据库服务器。',
  },
  E_DATABASE_RIGHTS: {
    en: 'The role of DATABASE_URL may not do what the start needs; let it own the database and create roles.',
    zh: 'DATABASE_URL 所用角色权限不足；请使其拥有该数据库并可创建角色。',
  },
  E_DATABASE_UNSAFE: {
    en: 'The database does not sync what it acknowledges (fsync, synchronous_commit or full_page_writes is off); switch it on.',
    zh: '数据库未对已确认的数据落盘（fsync、synchronous_commit 或 full_page_writes 已关闭）；请将其开启。',
  },
  E_DATABASE_UNAVAILABLE: {
    en: 'The database does not answer just now; try again in a moment.',
    zh: '数据库暂时没有响应；请稍后重试。',
  },
  E_DATA_NEWER: {
    en: 'This data was written by a newer version; start that version, nothing was changed.',
    zh: '该数据由更新的版本写入；请使用新版本启动，数据未作任何更改。',
  },
  E_MIGRATION_CHANGED: {
    en: 'A migration that was already applied has different text now; restore the original file.',
    zh: '已执行的迁移文件内容被改动；请恢复原文件。',
  },
  E_STORAGE_FULL: {
    en: 'The disk is full, so nothing was accepted; free some space and send it again.',
    zh: '磁盘空间不足，未接受任何数据；请释放空间后重新发送。',
  },
  E_STORAGE_DAMAGED: {
    en: 'A stored file is damaged before its end; restore it from a backup, nothing was changed.',
    zh: '存储文件在末尾之前已损坏；请从备份恢复，数据未作任何更改。',
  },
  E_STORAGE_CLOSED: {
    en: 'The platform is stopping and takes nothing more; send it again after the start.',
    zh: '平台正在停止，不再接受数据；请在重新启动后再次发送。',
  },
  E_DATABASE_URL: {
    en: 'DATABASE_URL cannot be read; write postgres://user:password@host:port/database.',
    zh: '无法解析 DATABASE_URL；格式应为 postgres://用户:密码@主机:端口/数据库。',
  },
  E_UNAVAILABLE: {
    en: 'The bytes are not here or do not match their hash any more; fetch them from another holder.',
    zh: '数据不在此处，或已与其哈希不符；请从其他持有方获取。',
  },
  // Acceptance
  E_BATCH_SIZE: {
    en: 'The upload is larger than one batch or document may be; send smaller ones.',
    zh: '上传内容超过单个批次或文档的上限；请拆分后发送。',
  },
  E_SIGNATURE_HEADER: {
    en: 'The header Tanlian-Signature is missing or not 0x and 130 hex digits; send the signature of the entry in it.',
    zh: '缺少 Tanlian-Signature 请求头，或其不是 0x 加 130 位十六进制；请在其中附上条目签名。',
  },
  E_ORGANIZATION_UNBOUND: {
    en: 'The enterprise is not bound to a platform; ask for a binding and wait until it is confirmed.',
    zh: '该企业尚未与平台绑定；请申请绑定并等待确认。',
  },
  E_KEY_REFUSED: {
    en: 'The registry does not name the signer for this organization, kind and sequence; sign with a key that it names.',
    zh: '登记处未将签名者登记为该组织此类条目在该序号上的密钥；请使用已登记的密钥签名。',
  },
  E_SEQUENCE_HEAD: {
    en: 'The sequence is not the next one; put on the number after the head that is named, and sign again.',
    zh: '序号不是下一个；请按所示链头的下一个序号重新编号并签名。',
  },
  E_SEQUENCE_CHAIN: {
    en: 'The log on the chain holds another entry at this sequence; send that one here first.',
    zh: '链上日志在该序号处是另一条目；请先将该条目发送至此。',
  },
  E_FRAME_MISSING: {
    en: 'A reading names a raw frame that is neither in the upload nor here; send it along.',
    zh: '某读数引用的原始帧既不在上传内容中，也不在平台上；请一并发送。',
  },
  E_BUSY: {
    en: 'Too many statements of this organization are waiting; send this one again in a moment.',
    zh: '该组织等待处理的条目过多；请稍后重发。',
  },
  E_AUDIT_STOPPED: {
    en: 'The audit was interrupted and nothing was accepted; send it again.',
    zh: '审计被中断，未接受任何数据；请重新发送。',
  },
  // Uploads
  E_UPLOAD_LENGTH: {
    en: 'The upload is announced with no bytes or more than may be taken; split it.',
    zh: '声明的上传长度为零或超过上限；请拆分。',
  },
  E_UPLOAD_QUOTA: {
    en: 'This organization has too many uploads open, or too large ones; finish or delete some.',
    zh: '该组织未完成的上传过多或过大；请先完成或删除一些。',
  },
  E_UPLOAD_OFFSET: {
    en: 'The bytes do not go on where the upload ends; ask for its offset and go on from there.',
    zh: '所发字节与已接收位置不衔接；请查询偏移量后继续。',
  },
  E_UPLOAD_INCOMPLETE: {
    en: 'The upload is not complete; send the rest before it is committed.',
    zh: '上传尚未完成；请补齐后再提交。',
  },
  E_UPLOAD_HASH: {
    en: 'The uploaded bytes do not have the announced SHA-256; begin a new upload.',
    zh: '上传内容的 SHA-256 与声明不符；请重新上传。',
  },
  E_UPLOAD_BROKEN: {
    en: 'The connection ended before the bytes of an upload did; ask for the offset and go on from there.',
    zh: '上传的字节未传完连接就中断；请查询偏移量后从该处续传。',
  },
  E_UPLOAD_CLOSED: {
    en: 'The upload was committed or refused and takes no more bytes; begin a new one.',
    zh: '该上传已提交或被拒绝，不再接收数据；请新建上传。',
  },
  // Reading side
  E_RANGE: {
    en: 'A number of the query is out of its range; see the values.',
    zh: '查询参数超出范围；详见所列数值。',
  },
  E_PROOF_READINGS: {
    en: 'The proof would open more readings than one answer may hold; ask for less at a time.',
    zh: '该证明将展开的读数超过单次应答上限；请缩小范围。',
  },
  E_COSIGNER_UNKNOWN: {
    en: 'No organization has named this key as its witness’s. Log a document of kind "witness" with the key first.',
    zh: '没有组织将该密钥登记为其见证密钥。请先上链一份类型为 “witness” 且含该密钥的文件。',
  },
  E_EQUIVOCATION_FOREIGN: {
    en: 'The proof of equivocation is about another log or other keys. Hand it in where they belong.',
    zh: '该双签证明涉及其他日志或其他密钥。请提交到其所属之处。',
  },
  E_PROOF_FRAMES: {
    en: 'The raw frames of these readings are more than one answer may hold; ask for a shorter window, or without frames.',
    zh: '这些读数的原始帧超过单次应答上限；请缩短时间范围，或不附原始帧。',
  },
  E_CHAIN_UNAVAILABLE: {
    en: 'The chain does not answer just now; what was accepted is kept and appended later.',
    zh: '链暂时没有响应；已接收的数据已保存，稍后上链。',
  },
  E_FOUNDER_MISSING: {
    en: 'The contracts are not deployed yet and no first regulator is named; name its key, its recovery address and its profile digest.',
    zh: '合约尚未部署，且未指定首个监管方；请指定其密钥地址、恢复地址和资料摘要。',
  },
  E_DATABASE_FOREIGN: {
    en: 'The database belongs to another data folder; name the folder it was made with, or another database.',
    zh: '该数据库属于另一个数据目录；请指定其对应目录，或更换数据库。',
  },
  E_USAGE: {
    en: 'An option is missing, unknown or not of its form; see --help.',
    zh: '选项缺失、未知或格式不正确；请参阅 --help。',
  },
  E_BACKUP: {
    en: 'The backup or restore did not succeed and nothing was replaced; the message says why.',
    zh: '备份或恢复未成功，未替换任何数据；原因见消息。',
  },
  E_PORT_TAKEN: {
    en: 'The port is taken by another program; name another one.',
    zh: '端口已被其他程序占用；请指定其他端口。',
  },
  // The HTTP edge
  E_REQUEST_HTTP: {
    en: 'This is not a well-formed HTTP request; send it again with an ordinary client.',
    zh: '这不是格式正确的 HTTP 请求；请用普通客户端重新发送。',
  },
  E_REQUEST_HEADERS: {
    en: 'The address and headers of the request are larger than this server takes; ask for less at a time.',
    zh: '请求的地址与请求头超过本服务器的上限；请分几次提出较小的请求。',
  },
  E_REQUEST_TIMEOUT: {
    en: 'The request did not arrive in time; send it again, large batches as resumable uploads.',
    zh: '请求未能按时到齐；请重新发送，较大的批次请使用可续传的上传。',
  },
  E_REQUEST_URL: {
    en: 'The address has a part that cannot be read; write it with valid percent-encoding.',
    zh: '地址中有无法解析的部分；请使用有效的百分号编码。',
  },
  E_REQUEST_JSON: {
    en: 'The body is not JSON; correct it at the place that the message names.',
    zh: '请求体不是有效的 JSON；请在消息指出的位置更正。',
  },
  E_REQUEST_DUPLICATE_KEY: {
    en: 'An object in the body names one key twice; leave one of them.',
    zh: '请求体中的对象有重复的键；请只保留一个。',
  },
  E_REQUEST_KEY: {
    en: 'A key in the body is reserved (__proto__, constructor, prototype); remove it.',
    zh: '请求体中使用了保留的键名（__proto__、constructor、prototype）；请将其删除。',
  },
  E_REQUEST_TEXT: {
    en: 'A text has a zero character or broken Unicode; remove it.',
    zh: '文本中含有零字符或不完整的 Unicode；请将其删除。',
  },
  E_REQUEST_DEPTH: {
    en: 'The body is nested too deeply; send it flatter.',
    zh: '请求体嵌套过深；请减少嵌套层数。',
  },
  E_REQUEST_TOO_LARGE: {
    en: 'The body is larger than this route takes; send less at once.',
    zh: '请求体超过该接口的上限；请减小单次发送的数据量。',
  },
  E_REQUEST_INVALID: {
    en: 'A value does not have the form that this route takes; the pointers name each one.',
    zh: '有的值不符合该接口要求的形式；指针逐一指出了位置。',
  },
  E_REQUEST_TYPE: {
    en: 'The body has a content type that this route does not take; the message names the ones it does.',
    zh: '该接口不接受此内容类型；消息中列出了可接受的类型。',
  },
  E_REQUEST_ACCEPT: {
    en: 'The answer has a type that the Accept header refuses; ask for the type that the message names.',
    zh: 'Accept 请求头拒绝了应答的类型；请改为消息中所列的类型。',
  },
  E_METHOD: {
    en: 'This address exists, but not with this method; the Allow header names those it has.',
    zh: '该地址不支持此方法；可用的方法见 Allow 响应头。',
  },
  E_NOT_FOUND: {
    en: 'There is nothing here that you may see; check the address, or sign in as somebody who may.',
    zh: '此处没有您可查看的内容；请检查地址，或以有权限的身份登录。',
  },
  E_RATE: {
    en: 'Too many requests came from here; wait as long as Retry-After says.',
    zh: '请求过于频繁；请按 Retry-After 所示时间等待后重试。',
  },
  E_ORIGIN: {
    en: 'Writing is allowed only from the pages of this instance itself, or by a program with a token; open the page here.',
    zh: '只能从本实例自己的页面写入，或由程序凭令牌写入；请在此处打开页面操作。',
  },
  E_IDEMPOTENCY_KEY: {
    en: 'A POST needs the header Idempotency-Key of 8 to 128 letters, digits, - or _; make a new one for each new intent.',
    zh: 'POST 请求须带 Idempotency-Key 请求头（8 至 128 个字母、数字、- 或 _）；每个新操作使用一个新值。',
  },
  E_IDEMPOTENCY: {
    en: 'This Idempotency-Key was used for another request; use a new key for a new intent.',
    zh: '该 Idempotency-Key 已用于另一请求；新操作请使用新的值。',
  },
  E_IDEMPOTENCY_RUNNING: {
    en: 'The first request with this Idempotency-Key is still at work; ask again in a moment.',
    zh: '使用该 Idempotency-Key 的首个请求仍在处理；请稍后再试。',
  },
  E_INTERNAL: {
    en: 'Something failed on our side and nothing is known to be wrong with your request; report the correlation id.',
    zh: '我方发生故障，您的请求未见异常；请报告关联编号。',
  },
  E_POLICY_MISSING: {
    en: 'A route has no line in the policy table; add one before the server starts.',
    zh: '有接口未写入权限表；请在启动服务前补上。',
  },
  // People and sign-in
  E_SIGN_IN: {
    en: 'This needs somebody who is signed in; sign in and try again.',
    zh: '此操作需要登录；请登录后重试。',
  },
  E_SIGN_IN_FAILED: {
    en: 'The sign-in did not succeed: unknown name, wrong password, or a key that does not fit; try again.',
    zh: '登录未成功：用户名不存在、密码错误或密钥不符；请重试。',
  },
  E_SIGN_IN_MANY: {
    en: 'Too many sign-ins failed for this name or address; wait as long as Retry-After says.',
    zh: '该用户名或来源的登录失败次数过多；请按 Retry-After 所示时间等待。',
  },
  E_CHALLENGE: {
    en: 'The challenge is unknown, used or expired; ask for a new one and sign that.',
    zh: '该挑战不存在、已使用或已过期；请获取新的挑战并签名。',
  },
  E_PASSKEY: {
    en: 'The passkey’s answer does not check out for this page; try again with the passkey of this site.',
    zh: '通行密钥的应答未通过校验；请使用本站的通行密钥重试。',
  },
  E_PASSKEY_LAST: {
    en: 'This passkey is the only way to sign in; add another one first.',
    zh: '这是唯一的登录方式；请先添加另一个通行密钥。',
  },
  E_LOGIN_TAKEN: {
    en: 'Somebody has this sign-in name already; choose another one.',
    zh: '该用户名已被使用；请换一个。',
  },
  E_INVITATION: {
    en: 'The invitation is unknown, used or expired; ask the owner of the organization for a new one.',
    zh: '该邀请不存在、已使用或已过期；请向组织的所有者索取新的邀请。',
  },
  E_LAST_OWNER: {
    en: 'An organization keeps at least one owner; invite another owner first.',
    zh: '组织至少需要一名所有者；请先邀请另一名所有者。',
  },
  // Organizations and acts
  E_APPLICATION_DIGEST: {
    en: 'The act names another profile digest than the one of this profile; sign the digest of the public part as sent.',
    zh: '申请中的资料摘要与所提交资料不符；请对所提交公开资料的摘要签名。',
  },
  E_REASON_DIGEST: {
    en: 'The act names another digest than that of the reason sent with it, or takes none; send the reason whose block was signed.',
    zh: '操作中的摘要与所附理由不符，或该操作不附理由；请发送签名时所用的理由。',
  },
  E_PROFILE_UNKNOWN: {
    en: 'No organization on the chain names the digest of this profile; hand in exactly the profile that was applied with.',
    zh: '链上没有组织引用该资料的摘要；请提交与申请时完全一致的资料。',
  },
  E_ACT_UNKNOWN: {
    en: 'The registry has no act of this name; the message lists those it has.',
    zh: '登记合约没有这种操作；消息中列出了可用的操作。',
  },
  E_ACT_FORM: {
    en: 'The act’s message lacks a field, has one too many, or a value of the wrong form; the message names it.',
    zh: '操作消息缺少字段、多出字段或值的形式不对；消息中写明了字段。',
  },
  E_SERIES_WINDOW: {
    en: 'The window of the chart is empty or has too many points for its step; choose another window or a longer step.',
    zh: '图表的时间范围为空，或相对于步长点数过多；请更换时间范围或加大步长。',
  },
  E_ALERT_SETTINGS: {
    en: 'The settings do not belong to this kind of rule; give the whole numbers that the kind asks for.',
    zh: '设置项与该类规则不符；请按规则类别填写所需的整数。',
  },
  E_WEBHOOK_URL: {
    en: 'Nothing is sent to this address; name one whose host the operator lists, over HTTPS.',
    zh: '不会向该地址发送；请填写运营方名单内主机的 HTTPS 地址。',
  },
  E_WEBHOOK_FAILED: {
    en: 'The webhook was not taken at its address; see to the receiver, it is sent again later.',
    zh: '接收方未收下 Webhook；请检查接收方，稍后会自动重发。',
  },
  E_DEVICE_KEY_PROOF: {
    en: 'The device did not prove that it holds the key; sign the statement anew on the device, with this organization, device, counter and time.',
    zh: '设备未能证明持有该密钥；请在设备上按当前组织、设备、计数与时间重新签名。',
  },
  E_DEVICE_KEY_TAKEN: {
    en: 'The key was enrolled before, and a key belongs to one device for ever; make a new one on the device.',
    zh: '该密钥已登记过，一个密钥永远只属于一台设备；请在设备上生成新的密钥。',
  },
  E_DEVICE_KEY_ACTIVE: {
    en: 'The device already has a key in use; name it as the one to be replaced, or revoke it first.',
    zh: '设备已有在用的密钥；请将其注明为被替换的密钥，或先行吊销。',
  },
  E_DEVICE_KEY_COUNTER: {
    en: 'The first or last counter does not fit the key; look up the counter in the device and give that one.',
    zh: '首个或最后计数与密钥不符；请查看设备中的计数后填写。',
  },
  E_DEVICE_KEY_CHANGE: {
    en: 'The batch changes the keys of a device in a way that does not fit those it has; correct the device’s keys in the plant file.',
    zh: '批次中的设备密钥变更与该设备已有的密钥不符；请更正工厂配置中的设备密钥。',
  },
  E_DEVICE_KEY_ENDED: {
    en: 'A raw message in the batch is signed by a key that was rotated or revoked before its counter; leave it out, and enrol the device’s new key.',
    zh: '批次中有原始报文由已轮换或吊销的密钥在其失效计数之后签名；请将其剔除，并登记设备的新密钥。',
  },
  E_IMPORT_BATCHES: {
    en: 'A batch cannot belong to this import: it is not accepted, belongs to another import, or is one too many; the message says which.',
    zh: '某批次不能归入该导入清单：未被接收、属于另一清单或超出计划数量；消息中写明了批次。',
  },
  E_IMPORT_RESTATED: {
    en: 'Some readings of the import are not void yet; send a restatement that covers them all, then withdraw it.',
    zh: '该导入仍有读数未作废；请先提交覆盖全部读数的更正批次，再撤回。',
  },
  E_CONFIDENTIAL: {
    en: 'Readings of this organization are sealed, and their owner has not opened them to you. Ask the owner for a grant, or for a package of your question.',
    zh: '该组织的读数已加密，其所有者未向您开放。请向所有者申请授权，或索取针对您问题的证据包。',
  },
  E_CONFIDENTIAL_CLOSED: {
    en: 'The readings are sealed and the platform is none of their readers; open them with a reader’s key: `tanlian trace --key NAME --open`.',
    zh: '读数已加密，且平台不在读者之列；请用读者密钥打开：`tanlian trace --key 名称 --open`。',
  },
  E_READER_KEY_TAKEN: {
    en: 'The reader’s key is another organization’s, and a key belongs to one for ever; make a new one and publish that.',
    zh: '该读者密钥属于其他组织，一个密钥永远只属于一个组织；请生成新的密钥后发布。',
  },
  E_GRANT_SIGNER: {
    en: 'The grant is not signed by a key that its owner has for documents; sign it with such a key.',
    zh: '授权书未由其所有者的文件密钥签名；请用该密钥签名。',
  },
  E_METHODOLOGY_UNKNOWN: {
    en: 'The methodology or factor set is neither in the library nor handed in here; choose one of the list.',
    zh: '方法学或因子集既不在库中也未提交至此；请从列表中选择。',
  },
  E_DRAFT_PERIOD: {
    en: 'The period does not fit the report; give a year such as 2025 for an annual report, a month such as 2025-03 for monthly evidence.',
    zh: '时段与报告类型不符；年度报告请填年份（如 2025），月度存证请填月份（如 2025-03）。',
  },
  E_DRAFT_ZONE: {
    en: 'Days of this time zone do not begin at a full hour of UTC, so kept sums cannot fill the report; choose another zone.',
    zh: '该时区的日界不在 UTC 整点，无法用已有汇总填报；请选择其他时区。',
  },
  E_DRAFT_VERSION: {
    en: 'Somebody else changed the draft; load it again and repeat what you did.',
    zh: '草稿已被他人修改；请重新载入后再操作。',
  },
  E_DRAFT_INPUT: {
    en: 'An input of the draft cannot be as it is given; the message names it and says why.',
    zh: '草稿中的某项输入有误；消息中写明了输入项与原因。',
  },
  E_ATTACHMENT_MEDIA: {
    en: 'The file is not a PDF, PNG, JPEG, XLSX or CSV by its bytes; send one of these.',
    zh: '文件内容不是 PDF、PNG、JPEG、XLSX 或 CSV；请改用这些格式。',
  },
  E_ATTACHMENT_QUOTA: {
    en: 'The organization keeps as many bytes of files as it may; send smaller ones.',
    zh: '组织的附件总量已达上限；请改用更小的文件。',
  },
  E_DOCUMENT_BLOCKS: {
    en: 'A block that the document names is neither here nor sent along; send it in the same CAR, after the document.',
    zh: '文件所引用的数据块既不在此处，也未随附；请放在同一 CAR 中、文件之后一并发送。',
  },
  E_DRAFT_BEHIND: {
    en: 'A batch of the organization is on its way into the log, or not yet in the sums; try again in a moment.',
    zh: '组织有批次尚未上链或尚未汇总；请稍后再试。',
  },
  E_DRAFT_STALE: {
    en: 'Other readings came since the draft was filled; fill it anew and look at it again.',
    zh: '填报之后又有新的读数；请重新填报并复查。',
  },
  E_DRAFT_WITNESSES: {
    en: 'Batches that the report rests on were audited by too few; wait for their witnesses.',
    zh: '报告所依据的部分批次见证不足；请等待见证。',
  },
  E_PLAN_SAMPLE: {
    en: 'The plan has other readings than its seed draws; ask for it again and sign that one.',
    zh: '抽样方案中的读数与种子抽取结果不符；请重新获取并签署。',
  },
  E_PLAN_EARLY: {
    en: 'The report is not in the log yet, and its sample is drawn from the root after it; try again in a moment.',
    zh: '报告尚未上链，而抽样由其后的日志根决定；请稍后再试。',
  },
  E_FINDING_CLOSED: {
    en: 'The finding is closed; raise another one.',
    zh: '该核查发现已关闭；请另行提出。',
  },
  E_VERIFICATION_ENDED: {
    en: 'The verifier has given its opinion, or the report was corrected: nothing is added to this conversation any more.',
    zh: '核查机构已出具意见，或报告已被更正：本次沟通不再接受新内容。',
  },
  E_VISIT_EARLY: {
    en: 'The visit has not taken place yet; record it afterwards.',
    zh: '该现场核查尚未进行；请在完成后记录。',
  },
  E_SUMMARY_MANY: {
    en: 'The batch has summaries of as many steps as it may; use one of those.',
    zh: '该批次的汇总步长数量已达上限；请使用已有步长。',
  },
  E_FINDING_MESSAGE: {
    en: 'This kind of message is for the other party to write: a verifier asks and closes, a preparer answers.',
    zh: '此类消息应由对方填写：核查方提问与关闭，编制方答复。',
  },
  E_ATTACHMENT_UNKNOWN: {
    en: 'The organization keeps no file of this digest; send the file as an attachment first.',
    zh: '组织没有该摘要的附件；请先上传附件。',
  },
  E_OPINION_PLAN: {
    en: 'The report has no sampling plan in the log; sign and log one first.',
    zh: '日志中没有该报告的抽样方案；请先签名并上链。',
  },
  E_OPINION_AUDITS: {
    en: 'Your witness has not rebuilt every batch that the report rests on; let it run and log its audits first.',
    zh: '贵方见证程序尚未重建报告所依据的全部批次；请先运行见证并将审计上链。',
  },
  E_OPINION_OUTPUTS: {
    en: 'The recomputation differs from the report; send it back, or give an adverse opinion.',
    zh: '复算结果与报告不一致；请退回，或出具否定意见。',
  },
  E_OPINION_OPEN: {
    en: 'Findings are not closed; close them, or send the report back.',
    zh: '仍有未关闭的核查发现；请先关闭，或退回报告。',
  },
  E_DRAW_ENTERPRISES: {
    en: 'One of the enterprises is none that can be drawn for, or there is none; name enterprises that are not suspended.',
    zh: '所列企业不可参与抽签，或未列出企业；请填写未被暂停的企业。',
  },
  E_DRAW_EARLY: {
    en: 'The block that decides the draw is not there yet; try again later.',
    zh: '决定抽签结果的区块尚未产生；请稍后再试。',
  },
  E_DECISION_OPINION: {
    en: 'Nobody has given an opinion on the report; it comes first.',
    zh: '该报告尚无核查意见；须先有核查意见。',
  },
  E_DECISION_DIFFERENCES: {
    en: 'The recomputation differs from the report, so it cannot be accepted; reject it with the reason.',
    zh: '复算结果与报告不一致，不能接受；请注明理由予以驳回。',
  },
  E_DRAFT_CORRECTS: {
    en: 'A correction names both the report that it corrects and the reason; a first report names neither.',
    zh: '更正报告须同时写明所更正的报告与理由；首次报告两者都不填。',
  },
  E_REPORT_LOGGED: {
    en: 'The report is on its way into the log; ask for its package in a moment.',
    zh: '报告正在上链；请稍后再取其证据包。',
  },
  E_PROJECT_SECTOR: {
    en: 'No calendar has dates of this sector; choose one of those that are named.',
    zh: '没有该行业的工作日历；请从列出的行业中选择。',
  },
  E_PROJECT_FACTS: {
    en: 'The rule of the sector asks for no such value, or it is not of its form; the message names it.',
    zh: '该行业的分配规则不需要此项，或其值不合格式；消息中指出了该项。',
  },
  E_ALLOCATION_SECTOR: {
    en: 'No rule gives allowances to this sector; it has no expected surplus or deficit.',
    zh: '该行业没有配额分配规则，因此没有预计盈余或缺口。',
  },
  E_ALLOCATION_YEAR: {
    en: 'The plans that are here name no allowances of this sector for this year; another year never stands in.',
    zh: '现有分配方案没有该行业这一年度的配额规则；不以其他年度代替。',
  },
  E_PROJECT_TAKEN: {
    en: 'The organization has a project of this plant or unit already.',
    zh: '组织已有该厂区或机组的报告项目。',
  },
  E_DRAFT_SHEET: {
    en: 'The file is no sheet of inputs; take the one that the draft gives, and fill it in.',
    zh: '文件不是输入表；请使用草稿导出的表格填写。',
  },
} as const satisfies ErrorTable
