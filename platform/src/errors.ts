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
  E_PORT_TAKEN: {
    en: 'The port is taken by another program; name another one.',
    zh: '端口已被其他程序占用；请指定其他端口。',
  },
} as const satisfies ErrorTable
