import type { ErrorTable } from '@tanlian/units'

/** Codes of the gateway, with what happened and what to do. */
export const GATEWAY_ERRORS = {
  E_JOURNAL_FULL: {
    en: 'The journal has used up its budget with data that is not uploaded yet, so nothing more is acknowledged. Restore the uplink or raise the budget.',
    zh: '日志中未上传的数据已用尽磁盘配额，不再确认新数据。请恢复上行或提高配额。',
  },
  E_JOURNAL_STOPPED: {
    en: 'A write to the journal failed, so the gateway stopped rather than acknowledge what may be lost. Check the disk and start it again.',
    zh: '写入日志失败，网关已停止，以免确认可能丢失的数据。请检查磁盘后重新启动。',
  },
  E_JOURNAL_BUSY: {
    en: 'The disk cannot keep up with what arrives, so this message is not acknowledged. Send it again.',
    zh: '磁盘写入跟不上到达的数据，本消息未被确认。请重新发送。',
  },
  E_JOURNAL_DAMAGED: {
    en: 'A kept part of the journal no longer matches its hash, so nothing after it is put into batches. Restore the file from a copy.',
    zh: '日志中已保存的部分与其哈希不符，其后的数据不再进入批次。请从备份恢复该文件。',
  },
  E_UPLINK: {
    en: 'The closed windows could not be sent for a reason of this machine. They wait and are tried again; see the message.',
    zh: '因本机原因，已关闭的窗口未能上行，将继续重试。请查看错误信息。',
  },
  E_UPLINK_KEY: {
    en: 'The plant file names no key of the organization, so closed windows wait as unsigned drafts. Name the key, and start again.',
    zh: '工厂配置文件未指定组织密钥，已关闭的窗口以未签名草稿等待。请指定密钥后重新启动。',
  },
  E_UPLINK_LOG: {
    en: 'The platform names another log or chain than the one this gateway has sent to. Nothing was signed; check the address of the platform.',
    zh: '平台给出的存证日志或链与本网关此前使用的不同，未签名任何数据。请核对平台地址。',
  },
  E_UPLINK_KEYS: {
    en: 'The plant file changes the keys of a device otherwise than the batches that the platform has. Correct its keys; nothing was signed.',
    zh: '工厂配置中的设备密钥变更与平台已有批次中的声明不一致，未签名任何数据。请更正设备密钥。',
  },
  E_UPLINK_MOVED: {
    en: 'Another batch of the organization came in between; the window is looked at anew and sent after it.',
    zh: '期间本单位有其他批次先行上报；本窗口将重新检查后随后上报。',
  },
  E_CORRECTION: {
    en: 'The correction cannot be taken as it is. Give whole intervals of one stream, one after another, with flag S, E or B, and a reason.',
    zh: '该更正无法接受。请给出同一数据流连续的完整时段、标记 S、E 或 B，以及原因。',
  },
  E_DEVICE_UNKNOWN: {
    en: 'The message is from a device that the plant file does not have. Add the device, or correct its address.',
    zh: '消息来自工厂配置文件中没有的设备。请添加该设备或更正其地址。',
  },
  E_DEVICE_TRIED: {
    en: 'The device is being tried, so its message is not kept and not acknowledged. It will be once the device is added.',
    zh: '设备正在测试连接，其消息未保存也未确认。添加设备后将正常接收。',
  },
  E_DEVICE_SILENT: {
    en: 'The device said nothing in time. Check its address, its power and that it sends to this gateway.',
    zh: '设备未在规定时间内发送数据。请检查其地址、供电以及是否指向本网关。',
  },
  E_DEVICE_SIZE: {
    en: 'The message is longer than any device sends. Let the device send less at a time.',
    zh: '消息长度超过上限。请让设备分次发送。',
  },
  E_DEVICE_SIGNATURE: {
    en: 'The message is not signed by the key with which its device is enrolled. Check the key on both sides.',
    zh: '消息未由设备登记的密钥签名。请核对两端的密钥。',
  },
  E_DEVICE_REVOKED: {
    en: 'The counter of the message is outside the range for which the key of its device is good. Enrol a new key.',
    zh: '消息的计数器不在该设备密钥的有效范围内。请登记新密钥。',
  },
  E_PLANT: {
    en: 'The plant file or a device model says something that cannot be. Correct the place named.',
    zh: '工厂配置文件或设备模型有误。请更正指出的位置。',
  },
  E_GATEWAY_USAGE: {
    en: 'The gateway was started with other options than it has. It needs --plant FILE and --data FOLDER.',
    zh: '网关启动参数有误，需要 --plant 文件 和 --data 目录。',
  },
  E_GATEWAY_FAILED: {
    en: 'The gateway stopped for a reason that it does not know. See the message, and report it.',
    zh: '网关因未知原因停止。请查看错误信息并报告。',
  },
  E_PAGE_HOST: {
    en: 'The page of a gateway is for its own machine only. Open it there, under localhost.',
    zh: '网关页面仅供本机使用，请在本机通过 localhost 打开。',
  },
  E_PAGE_UNKNOWN: {
    en: 'There is nothing at this address of the gateway. Check the address.',
    zh: '网关上没有该地址的内容。请核对地址。',
  },
  E_PAGE_BODY: {
    en: 'What was sent to the gateway is not of the form that it takes. Send a JSON object as described.',
    zh: '发送给网关的内容格式不正确。请按说明发送 JSON 对象。',
  },
  E_PAGE_QUERY: {
    en: 'The position to read the journal from is no whole number. Give the one that the answer before names as the next.',
    zh: '读取日志的起始位置不是整数。请使用上一次应答给出的下一位置。',
  },
  E_PAGE_FAILED: {
    en: 'The gateway could not answer for a reason of its own. Look at its log and try again.',
    zh: '网关因自身原因无法应答。请查看日志后重试。',
  },
  E_LISTEN: {
    en: 'The address to listen on cannot be had. Choose another port or stop who holds it.',
    zh: '监听地址不可用。请更换端口或停止占用该端口的程序。',
  },
  E_HJ212_NO_HEADER: {
    en: 'Bytes came that belong to no HJ 212 frame. Check what else sends to this port.',
    zh: '收到不属于任何 HJ 212 数据包的字节。请检查还有什么设备向此端口发送。',
  },
  E_HJ212_BAD_LENGTH: {
    en: 'The length of the frame is not four digits. Check the device and the line.',
    zh: '数据包长度不是四位数字。请检查设备与线路。',
  },
  E_HJ212_TOO_LONG: {
    en: 'The data segment is longer than the 1,024 bytes that HJ 212 allows. Let the device split its packets.',
    zh: '数据段超过 HJ 212 允许的 1024 字节。请让设备分包发送。',
  },
  E_HJ212_LENGTH_MISMATCH: {
    en: 'The frame does not end where its length says. Check the device and the line.',
    zh: '数据包未在其长度所示处结束。请检查设备与线路。',
  },
  E_HJ212_CRC_MISMATCH: {
    en: 'The CRC does not match the data segment, so nothing in it is trusted. Check the line and the device’s CRC rule.',
    zh: 'CRC 与数据段不符，其内容不可信。请检查线路与设备的 CRC 算法。',
  },
  E_HJ212_INCOMPLETE: {
    en: 'The rest of the frame did not come in time. The device will send it again.',
    zh: '数据包的其余部分未按时到达。设备将重新发送。',
  },
  E_HJ212_FIELD: {
    en: 'The fields before CP are not those of HJ 212. Check the device’s settings.',
    zh: 'CP 之前的字段不符合 HJ 212。请检查设备设置。',
  },
  E_HJ212_BAD_TIME: {
    en: 'QN or DataTime is missing or is no time of the calendar. Check the clock of the device.',
    zh: 'QN 或 DataTime 缺失或不是有效时间。请检查设备时钟。',
  },
  E_HJ212_FUTURE: {
    en: 'DataTime is more than five minutes ahead of the gateway. Set the clock of the device.',
    zh: 'DataTime 超前网关五分钟以上。请校准设备时钟。',
  },
  E_HJ212_BAD_MN: {
    en: 'MN is not 24 characters of 0–9 and A–F. Correct it, or enrol the device as lenient.',
    zh: 'MN 不是 24 位 0–9、A–F 字符。请更正，或将该设备登记为宽松模式。',
  },
  E_HJ212_BAD_FLAG: {
    en: 'Flag is missing or no number of 0 to 255. Correct the device’s settings.',
    zh: 'Flag 缺失或不是 0 至 255 的数字。请更正设备设置。',
  },
  E_HJ212_MISSING_PART_NUMBER: {
    en: 'The packet says that it is split but lacks PNUM or PNO. Correct the device’s settings.',
    zh: '数据包标明已拆分，却缺少 PNUM 或 PNO。请更正设备设置。',
  },
  E_HJ212_BAD_PART_NUMBER: {
    en: 'PNO is not a number of 1 to PNUM. Correct the device’s settings.',
    zh: 'PNO 不在 1 至 PNUM 之间。请更正设备设置。',
  },
  E_HJ212_UNKNOWN_MN: {
    en: 'No device of this plant has this MN. Add it to the plant file.',
    zh: '本厂没有该 MN 的设备。请将其加入工厂配置文件。',
  },
  E_HJ212_BAD_PASSWORD: {
    en: 'The password is not the one with which the device is enrolled. Correct it on one of the two sides.',
    zh: '密码与设备登记的密码不同。请更正其中一方。',
  },
  E_HJ212_UNKNOWN_CN: {
    en: 'The device’s edition of HJ 212 has no such command. Check the edition in the plant file.',
    zh: '该设备所用版本的 HJ 212 没有此命令。请检查配置文件中的版本。',
  },
  E_HJ212_BAD_CP: {
    en: 'CP is not of the form &&name=value;…&&. Correct the device’s settings.',
    zh: 'CP 不符合 &&名称=值;…&& 的形式。请更正设备设置。',
  },
  E_HJ212_DUPLICATE_FACTOR: {
    en: 'A name stands twice in one packet, so it is not known which value counts. Correct the device’s settings.',
    zh: '同一数据包中某名称出现两次，无法判定取哪一个值。请更正设备设置。',
  },
  E_HJ212_BAD_NUMBER: {
    en: 'A value is not a decimal number. Check the instrument behind the device.',
    zh: '某值不是十进制数。请检查设备所接仪表。',
  },
  E_HJ212_BAD_FLAG_VALUE: {
    en: 'A data flag is none of N F M S D C T B. Correct the device’s settings.',
    zh: '数据标记不是 N F M S D C T B 之一。请更正设备设置。',
  },
  E_QUALITY_STATE: {
    en: 'The kept state of the readings cannot be used. Start from the journal without it.',
    zh: '读数的已存状态无法使用。请不带该状态，从日志重新开始。',
  },
  E_DEVICE_CONFLICT: {
    en: 'The device sent other values for a time that it has reported already; the first stay, both frames are kept. Send a correction as a restatement.',
    zh: '设备对已上报的时间发送了不同数值；以首次为准，两帧均已保存。请以更正方式重报。',
  },
  E_HJ212_REQUEST: {
    en: 'The device asks for something that this gateway does not do. Nothing was changed.',
    zh: '设备请求了本网关不提供的功能。未作任何更改。',
  },
  E_HJ212_PARTS_MISSING: {
    en: 'Some parts of a split packet did not come within thirty seconds. The device will send them again, or ask it for a back-fill.',
    zh: '拆分数据包的部分分包未在三十秒内到达。设备将重发，或请发起补传。',
  },
  E_HJ212_SILENT: {
    en: 'The device is not connected or did not answer. Check the line and ask again.',
    zh: '设备未连接或未应答。请检查线路后重试。',
  },
  E_HJ212_DECLINED: {
    en: 'The device answered that it does not carry out the request. Its code says why.',
    zh: '设备应答不执行该请求。其返回码说明原因。',
  },
  E_MESSAGE_FORM: {
    en: 'The message is not JSON of the form {"ts", "seq", "metrics"}. Correct the device’s settings.',
    zh: '报文不是 {"ts", "seq", "metrics"} 形式的 JSON。请更正设备设置。',
  },
  E_MESSAGE_TEXT: {
    en: 'The message is not UTF-8 text. Correct the device’s settings.',
    zh: '报文不是 UTF-8 文本。请更正设备设置。',
  },
  E_MESSAGE_KEY: {
    en: 'The message lacks a key, or has one that is not known there. Correct the device’s settings.',
    zh: '报文缺少某个键，或含有未知的键。请更正设备设置。',
  },
  E_MESSAGE_TWICE: {
    en: 'A key stands twice in the message, so it is not known which value counts. Correct the device’s settings.',
    zh: '报文中某个键出现两次，无法判定取哪一个值。请更正设备设置。',
  },
  E_MESSAGE_NUMBER: {
    en: 'A value is not a decimal number, or a time or counter is no whole one. Correct the device’s settings.',
    zh: '某值不是十进制数，或时间、计数器不是整数。请更正设备设置。',
  },
  E_MESSAGE_FLAG: {
    en: 'A flag is none of N F M S D C T B. Correct the device’s settings.',
    zh: '标记不是 N F M S D C T B 之一。请更正设备设置。',
  },
  E_MESSAGE_TIME: {
    en: 'The time is none of the calendar. It is wanted in milliseconds since 1970.',
    zh: '时间无效。应为 1970 年以来的毫秒数。',
  },
  E_MESSAGE_FUTURE: {
    en: 'The message is dated more than five minutes ahead of the gateway. Set the clock of the device.',
    zh: '报文时间超前网关五分钟以上。请校准设备时钟。',
  },
  E_MESSAGE_SIGNATURE: {
    en: 'The message has a signature or a salt that is none, or no counter. See the form of signed messages in the manual.',
    zh: '报文的签名或盐值格式有误，或缺少计数器。请参阅手册中签名报文的格式。',
  },
  E_MQTT_IDENTITY: {
    en: 'The name in the client’s certificate, its client id and a device of this plant are not the same, or it has a will. Correct the device’s settings.',
    zh: '客户端证书名称、客户端标识与本厂设备不一致，或设置了遗嘱消息。请更正设备设置。',
  },
  E_MQTT_TAKEN_OVER: {
    en: 'A second client connected with the certificate of the device, and the first was sent away. Make sure that only one holds the key.',
    zh: '另一客户端以该设备的证书连接，原连接已断开。请确认只有一台设备持有该密钥。',
  },
  E_MQTT_TOPIC: {
    en: 'The device published to a topic that is not its own, retained a message, or subscribed. It may only publish to its telemetry topic.',
    zh: '设备向非自身主题发布、保留消息或订阅。设备只能向其遥测主题发布。',
  },
  E_MQTT_FORM: {
    en: 'The bytes are no MQTT 3.1.1 or 5 that this listener takes. Check the client’s settings.',
    zh: '字节不是本监听器所接受的 MQTT 3.1.1 或 5。请检查客户端设置。',
  },
  E_MQTT_BROKER: {
    en: 'The broker outside cannot be reached or does not let the gateway subscribe. Check its address and access rules.',
    zh: '无法连接外部代理，或其不允许网关订阅。请检查其地址与访问规则。',
  },
  E_MODBUS_SILENT: {
    en: 'Nothing answers Modbus at the address of the meter. Check the meter, the line and the address.',
    zh: '该地址没有 Modbus 应答。请检查电表、线路与地址。',
  },
  E_MODBUS_EXCEPTION: {
    en: 'The meter declined to give its registers. Check unit, function and addresses in the device model.',
    zh: '电表拒绝提供寄存器。请检查设备模型中的单元号、功能码与地址。',
  },
  E_MODBUS_POLL: {
    en: 'Kept bytes are no poll of the device. The plant file names another unit than when they were kept.',
    zh: '已保存的字节不是该设备的轮询结果。配置文件中的单元号与保存时不同。',
  },
  E_HTTP_PATH: {
    en: 'There is nothing at this path. Readings go to /v1/devices/{id}/readings.',
    zh: '该路径不存在。读数应发送至 /v1/devices/{id}/readings。',
  },
  E_HTTP_METHOD: {
    en: 'Readings are sent by POST.',
    zh: '读数须以 POST 发送。',
  },
  E_HTTP_TOKEN: {
    en: 'The token is not that of the device. Send it as Authorization: Bearer.',
    zh: '令牌与设备不符。请以 Authorization: Bearer 发送。',
  },
  E_HTTP_TYPE: {
    en: 'The body is not said to be application/x-ndjson. Set the content type.',
    zh: '正文未标明为 application/x-ndjson。请设置内容类型。',
  },
  E_HTTP_SIZE: {
    en: 'The request is longer than 1 MiB. Send fewer rows at once.',
    zh: '请求超过 1 MiB。请减少每次发送的行数。',
  },
  E_HTTP_ROWS: {
    en: 'Some rows are wrong, there are none, or more than 1,000; none was taken. Correct those listed and send all again.',
    zh: '部分行有误、没有行或超过 1000 行；未接收任何行。请更正所列各行后重新发送全部。',
  },
  E_FILE_CELLS: {
    en: 'A row of the file has another number of cells than its header. Check the file.',
    zh: '文件中某行的单元格数与表头不同。请检查文件。',
  },
  E_FILE_TIME: {
    en: 'The time of a row is not of the stated form. Check the format in the device model.',
    zh: '某行的时间不符合规定格式。请检查设备模型中的格式。',
  },
  E_FILE_VALUE: {
    en: 'A cell holds neither a decimal number nor the sign for a missing value. Check the file.',
    zh: '某单元格既不是十进制数，也不是缺失值标记。请检查文件。',
  },
  E_FILE_ROW: {
    en: 'Kept bytes are no row of the device. Its model has other columns than when they were kept.',
    zh: '已保存的字节不是该设备的数据行。其设备模型的列与保存时不同。',
  },
  E_FILE_COLUMN: {
    en: 'The file’s header lacks a column of the device model, or has it twice. Check model and file.',
    zh: '文件表头缺少设备模型所需的列，或该列出现两次。请检查模型与文件。',
  },
  E_FILE_LAST_ROW: {
    en: 'The last row of the file has no line end, so it may not be whole. It is taken when the file goes on.',
    zh: '文件最后一行没有换行，可能不完整。文件续写后将再读取。',
  },
  E_FILE_SIZE: {
    en: 'The file is longer than 1 GiB and is not read. Divide it.',
    zh: '文件超过 1 GiB，未读取。请拆分。',
  },
  E_FILE_FOLDER: {
    en: 'The folder of the device cannot be read. Check its owner and rights.',
    zh: '无法读取该设备的文件夹。请检查其所有者与权限。',
  },
  E_SPARKPLUG_FORM: {
    en: 'The message is no Sparkplug B payload, or its topic does not fit it. Check the edge node.',
    zh: '报文不是 Sparkplug B 负载，或与主题不符。请检查边缘节点。',
  },
  E_SPARKPLUG_ALIAS: {
    en: 'The message goes by aliases that no birth has named. The edge node was asked for a new birth.',
    zh: '报文使用了出生报文未定义的别名。已请求边缘节点重新发送出生报文。',
  },
  E_SPARKPLUG_BIRTH: {
    en: 'The birth has metrics without a name, gives an alias twice, or does not begin at sequence 0. Check the edge node.',
    zh: '出生报文含无名指标、重复别名，或序号不从 0 开始。请检查边缘节点。',
  },
  E_SPARKPLUG_GAP: {
    en: 'A message of the edge node is missing, so its data is incomplete. It was asked for a new birth.',
    zh: '缺少该边缘节点的报文，数据不完整。已请求其重新发送出生报文。',
  },
} as const satisfies ErrorTable
