import type { ErrorTable } from '@tanlian/units'

/** Codes of the command line: what happened and what to do. */
export const CLI_ERRORS = {
  E_CLI_USAGE: {
    en: 'The command line cannot be read. See the usage with --help.',
    zh: '命令行无法识别。请用 --help 查看用法。',
  },
  E_CLI_SETTINGS: {
    en: 'The settings file cannot be read. Correct it or name another with --config.',
    zh: '配置文件无法读取。请更正，或用 --config 指定其他文件。',
  },
  E_CLI_NOT_FOUND: {
    en: 'There is nothing of that name. List what there is and try again.',
    zh: '没有这个名称的对象。请先列出现有对象再试。',
  },
  E_CLI_AMBIGUOUS: {
    en: 'The name fits several organizations. Use the id.',
    zh: '该名称对应多个组织。请使用编号。',
  },
  E_CLI_NEEDS_ANSWER: {
    en: 'The command needs an answer and there is no terminal to ask on. Give it as a flag, or agree with --yes.',
    zh: '命令需要确认，但没有可用的终端。请用参数给出答案，或用 --yes 同意。',
  },
  E_CLI_CANCELLED: {
    en: 'Cancelled. Nothing was changed.',
    zh: '已取消，未作任何更改。',
  },
  E_KEY_MISSING: {
    en: 'No key of that name is kept here. Make one with `tanlian key new`, or name the folder with --home.',
    zh: '这里没有该名称的密钥。请用 `tanlian key new` 生成，或用 --home 指定文件夹。',
  },
  E_KEY_EXISTS: {
    en: 'A key of that name is kept here already. Choose another name; nothing was overwritten.',
    zh: '已有同名密钥。请换一个名称；未覆盖任何内容。',
  },
  E_IMPORT_ROWS: {
    en: 'Rows of the table cannot be used. Correct them; nothing was signed or sent.',
    zh: '表格中有无法使用的行。请更正；未签名也未发送任何内容。',
  },
  E_IMPORT_EMPTY: {
    en: 'The table has no row that gives a reading. Check the file and the mapping.',
    zh: '表格中没有能给出读数的行。请检查文件和映射。',
  },
  E_IMPORT_MAPPING: {
    en: 'The mapping cannot be used with this table. Correct the mapping file.',
    zh: '该映射不能用于此表格。请更正映射文件。',
  },
  E_IMPORT_STREAM: {
    en: 'A stream of the mapping was declared otherwise before. A replaced meter is a new stream: give it a new number.',
    zh: '映射中的数据流与先前声明不一致。更换仪表即为新的数据流，请使用新编号。',
  },
  E_IMPORT_TAKEN: {
    en: 'The organization has readings of these streams and times already. Withdraw the earlier import, or leave these rows out.',
    zh: '该组织在这些时间已有这些数据流的读数。请先撤回先前的导入，或去掉这些行。',
  },
  E_IMPORT_CHANGED: {
    en: 'The file changed between the two passes. Start again; what was sent stays and is not sent twice.',
    zh: '文件在两次读取之间发生了变化。请重新开始；已发送的内容保留，不会重复发送。',
  },
  E_IMPORT_UNKNOWN: {
    en: 'No import of that id was made from this folder. List them with `tanlian import list`.',
    zh: '本文件夹没有该编号的导入。请用 `tanlian import list` 列出。',
  },
  E_UP_START: {
    en: 'The platform did not start. Its last lines are shown; `tanlian doctor` looks for the usual causes.',
    zh: '平台未能启动。以下是其最后输出；可用 `tanlian doctor` 检查常见原因。',
  },
  E_UP_PORT: {
    en: 'The port cannot be listened on. Name another with --port or --rpc-port.',
    zh: '无法监听该端口。请用 --port 或 --rpc-port 指定其他端口。',
  },
  E_UP_FOLDER: {
    en: 'The data folder cannot be used. Name another with --data.',
    zh: '无法使用该数据目录。请用 --data 指定其他目录。',
  },
  E_CHECK_FAILED: {
    en: 'A check failed. Read the line marked with ✘.',
    zh: '有一项检查未通过。请查看标有 ✘ 的一行。',
  },
  E_BACKUP_FORM: {
    en: 'The file is not a complete backup of this system. Choose another; nothing was changed.',
    zh: '该文件不是本系统的完整备份。请选择其他文件；未作任何更改。',
  },
  E_BACKUP_TARGET: {
    en: 'The target is not empty. Name an empty folder or a new file.',
    zh: '目标不为空。请指定空文件夹或新文件。',
  },
} as const satisfies ErrorTable
