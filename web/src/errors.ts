import type { ErrorTable } from '@tanlian/units'

/** Codes that only the pages give: what happened and what to do. */
export const WEB_ERRORS = {
  E_READING_ABSENT: {
    en: 'The batch holds no reading of this stream at this moment. Open the stream, and follow one of its points.',
    zh: '该批次中没有该数据流在此时刻的读数。请打开数据流并点开其中一点。',
  },
  E_GATEWAY_AWAY: {
    en: 'The gateway did not answer as a gateway does. Check that it runs on this machine, and load the page again.',
    zh: '网关未正常应答。请确认网关正在本机运行，并重新载入页面。',
  },
  E_UPLOAD_FILE: {
    en: 'The file is neither text with columns nor a workbook that can be read here. Save it as CSV (UTF-8) and choose it again.',
    zh: '该文件既不是分列文本，也不是这里能读取的工作簿。请另存为 CSV（UTF-8）后重新选择。',
  },
  E_UPLOAD_CHANGED: {
    en: 'The file changed between checking and sending. Choose it again; what was sent is not sent twice.',
    zh: '文件在检查之后、发送之前发生了变化。请重新选择；已发送的不会重复发送。',
  },
  E_UPLOAD_NOTHING: {
    en: 'No row of the file gives a reading. Check the columns, the unit and the form of the time.',
    zh: '文件中没有一行能得到读数。请检查列、单位和时间格式。',
  },
  E_UPLOAD_PRIVACY: {
    en: 'The organization changed how its types are kept after this page told you. Nothing was sent: load the page again and read who can see what you send.',
    zh: '本页显示之后，组织更改了各类型的保存方式。未发送任何数据：请重新载入页面，确认谁能看到您发送的数据。',
  },
  E_CHECK_BROKEN: {
    en: 'The check itself broke off; this says nothing about the evidence. Reload the page, and report it if it happens again.',
    zh: '检查程序自身中断，这不说明证据有问题。请重新载入页面；若再次发生，请报告。',
  },
  E_PASSKEY_NONE: {
    en: 'The browser gave no passkey. Try again, or use a password.',
    zh: '浏览器没有给出通行密钥。请重试，或改用密码。',
  },
  E_DATASET_KIND: {
    en: 'The document is of another kind than a data set. Open it from the list of data sets, or look at it as a block.',
    zh: '该文件不是数据集。请从数据集列表打开，或以数据块查看。',
  },
  E_DATASET_FILE: {
    en: 'The file is not the one that the signed document names. Do not use its figures; ask the publisher.',
    zh: '这个文件不是签名文件所指的那一个。请勿采信其中的数字，并联系发布者。',
  },
  E_DATASET_TABLE: {
    en: 'The file of the data set is no table with a first line of names. Ask the publisher.',
    zh: '数据集的文件不是带表头的表格。请联系发布者。',
  },
  E_LAB_EMPTY: {
    en: 'No organization has uploaded a batch yet, so there is nothing to tamper with. Upload one first.',
    zh: '还没有组织上传批次，因此没有可供实验的证据。请先上传一个批次。',
  },
} as const satisfies ErrorTable
