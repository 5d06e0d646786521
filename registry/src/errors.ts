import type { ErrorTable } from '@tanlian/units'

/** Every code that this package gives, with what happened and what to do. `docs/errors.md` is held to it. */
export const REGISTRY_ERRORS = {
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
} as const satisfies ErrorTable
