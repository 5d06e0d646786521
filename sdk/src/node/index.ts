export * from './file-outbox.ts'
export * from './files.ts'
