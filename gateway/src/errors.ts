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
  E_PLANT: {
    en: 'The plant file or a device model says something that cannot be. Correct the place named.',
    zh: '工厂配置文件或设备模型有误。请更正指出的位置。',
  },
  E_LISTEN: {
    en: 'The address to listen on cannot be had. Choose another port or stop who holds it.',
    zh: '监听地址不可用。请更换端口或停止占用该端口的程序。',
  },
} as const satisfies ErrorTable
