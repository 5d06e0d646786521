/** Every page that can be gone to by name: in the head, in the foot and on the phone, and in the palette. */
export const PAGES = [
  { name: 'trace', to: '/trace', inHead: true, document: false },
  { name: 'organizations', to: '/organizations', inHead: true, document: false },
  { name: 'upload', to: '/upload', inHead: true, document: false },
  { name: 'apply', to: '/apply', inHead: true, document: false },
  { name: 'tamper', to: '/tamper', inHead: true, document: false },
  { name: 'check', to: '/check', inHead: true, document: true },
  { name: 'review', to: '/review', inHead: false, document: false },
  { name: 'keys', to: '/keys', inHead: false, document: false },
  { name: 'signIn', to: '/sign-in', inHead: false, document: false },
  { name: 'health', to: '/status', inHead: false, document: false },
  { name: 'docs', to: '/docs', inHead: false, document: true },
] as const
