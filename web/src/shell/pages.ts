/** What a page is for: groups of the navigation, in the order of a reader's way. */
export const GROUPS = ['look', 'check', 'take-part', 'run'] as const

/** Every page that can be gone to by name: in the head, in the foot and on the phone, and in the palette. A new page is a line here. */
export const PAGES = [
  { name: 'trace', to: '/trace', group: 'look', inHead: true, document: false },
  { name: 'organizations', to: '/organizations', group: 'look', inHead: true, document: false },
  { name: 'reports', to: '/reports', group: 'look', inHead: true, document: false },
  { name: 'verification', to: '/verification', group: 'look', inHead: false, document: false },
  { name: 'monitoring', to: '/monitoring', group: 'look', inHead: true, document: false },
  { name: 'methodologies', to: '/methodologies', group: 'look', inHead: true, document: false },
  { name: 'datasets', to: '/datasets', group: 'look', inHead: false, document: false },
  { name: 'check', to: '/check', group: 'check', inHead: true, document: true },
  { name: 'tamper', to: '/tamper', group: 'check', inHead: true, document: false },
  { name: 'apply', to: '/apply', group: 'take-part', inHead: true, document: false },
  { name: 'upload', to: '/upload', group: 'take-part', inHead: false, document: false },
  { name: 'review', to: '/review', group: 'take-part', inHead: false, document: false },
  { name: 'keys', to: '/keys', group: 'take-part', inHead: false, document: false },
  { name: 'signIn', to: '/sign-in', group: 'run', inHead: false, document: false },
  { name: 'health', to: '/status', group: 'run', inHead: false, document: false },
  { name: 'docs', to: '/docs', group: 'run', inHead: false, document: true },
] as const
