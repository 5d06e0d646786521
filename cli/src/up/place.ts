/** Arguments that say where the system of this machine is: its ports and its data. */
export const PLACE_ARGS = {
  port: {
    type: 'string',
    valueHint: 'N',
    description: { en: 'Port of the pages and the API', zh: '页面和 API 的端口' },
    default: '8787',
  },
  'rpc-port': {
    type: 'string',
    valueHint: 'N',
    description: { en: 'Port of the embedded chain', zh: '内嵌链的端口' },
    default: '8545',
  },
  data: {
    type: 'string',
    valueHint: 'DIR',
    description: {
      en: 'Data folder (else TANLIAN_DATA; ./.tanlian)',
      zh: '数据目录（默认取 TANLIAN_DATA；./.tanlian）',
    },
  },
} as const
