export * from './proof.ts'
export * from './tree.ts'
