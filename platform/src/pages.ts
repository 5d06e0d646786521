import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.car': 'application/vnd.ipld.car',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}
const COMPRESSED = new Set(['.html', '.js', '.mjs', '.css', '.json', '.webmanifest', '.svg', '.txt', '.csv', '.wasm'])
/** Vite puts a hash into the names of what it places here: the bytes of a name never change. */
const HASHED = /^\/assets\//

interface PageFile {
  readonly bytes: Buffer
  readonly type: string
  readonly etag: string
  readonly compressed: boolean
  readonly packed: Map<'br' | 'gzip', Promise<Buffer>>
}

/** The built web pages, read once into memory: a request names one of these files or none, so no path of the disk can be asked for. */
export interface Pages {
  /** Answers with a page or file, or gives false where there is none. */
  serve(request: FastifyRequest, reply: FastifyReply): Promise<boolean>
}

/** Reads a folder of built pages; undefined or an absent folder has none. */
export async function openPages(folder: string | undefined): Promise<Pages> {
  const files = new Map<string, PageFile>()
  for (const entry of await entriesOf(folder)) {
    const file = join(entry.parentPath, entry.name)
    const extension = extname(entry.name)
    const type = TYPES[extension]
    if (type === undefined) continue
    const bytes = await readFile(file)
    const path = file.slice(folder?.length ?? 0).replaceAll('\\', '/')
    files.set(path.startsWith('/') ? path : `/${path}`, {
      bytes,
      type,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      compressed: COMPRESSED.has(extension),
      packed: new Map(),
    })
  }
  return {
    async serve(request, reply) {
      const path = request.url.split('?', 1)[0] ?? '/'
      const file = files.get(path) ?? files.get(`${path}.html`) ?? pageFor(files, request, path)
      if (file === undefined) return false
      await send(request, reply, file, HASHED.test(path))
      return true
    },
  }
}

/** The workbench is one page with many addresses; only a browser's navigation gets it, so that a mistyped API address stays an error. */
function pageFor(files: ReadonlyMap<string, PageFile>, request: FastifyRequest, path: string): PageFile | undefined {
  if (path === '/') return files.get('/index.html')
  const navigation = (request.headers.accept ?? '').includes('text/html')
  // A methodology's id has dots as well; only what ends as our files do is one that is missing.
  if (!navigation || TYPES[extname(path)] !== undefined || /^\/(?:v1|ipfs|log|\.well-known|assets)(?:\/|$)/.test(path))
    return undefined
  return path.startsWith('/check/') ? files.get('/check.html') : files.get('/index.html')
}

async function send(request: FastifyRequest, reply: FastifyReply, file: PageFile, hashed: boolean) {
  reply.header('content-type', file.type)
  reply.header('etag', file.etag)
  reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (file.compressed) reply.header('vary', 'Accept-Encoding')
  if (request.headers['if-none-match'] === file.etag) {
    await reply.code(304).send()
    return
  }
  const encoding = file.compressed ? encodingOf(request.headers['accept-encoding']) : undefined
  if (encoding !== undefined) reply.header('content-encoding', encoding)
  await reply.send(encoding === undefined ? file.bytes : await packed(file, encoding))
}

function encodingOf(header: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const asked = String(header ?? '')
    .split(',')
    .map((part) => part.trim())
  return asked.includes('br') ? 'br' : asked.some((part) => part.startsWith('gzip')) ? 'gzip' : undefined
}

function packed(file: PageFile, encoding: 'br' | 'gzip'): Promise<Buffer> {
  const known = file.packed.get(encoding)
  if (known !== undefined) return known
  const made = encoding === 'br' ? promisify(brotliCompress)(file.bytes) : promisify(gzip)(file.bytes)
  file.packed.set(encoding, made)
  return made
}

async function entriesOf(folder: string | undefined) {
  if (folder === undefined) return []
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
