// Milliseconds of the first check in a process, the kernel's compilation in it. The proof comes from another process.
import { execFileSync } from 'node:child_process'
import { checkProof } from '../../../evidence/src/check-proof.ts'

const made = execFileSync(process.execPath, [new URL('first-proof.ts', import.meta.url).pathname], { encoding: 'utf8' })
const [root = '', lo = '', hi = '', proof = ''] = made.trim().split(' ')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const given = [bytes(root), { intervals: [{ lo: bytes(lo), hi: bytes(hi) }], mode: 'total' }, bytes(proof)] as const

const start = performance.now()
const answer = checkProof(...given)
const time = performance.now() - start
if (!answer.ok) throw new Error(answer.message)
console.log(time)
