export * from './file-outbox.ts'
export * from './files.ts'
export * from './table-source.ts'
