import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import { build } from 'vite'

/* Prints the milliseconds that Chromium needs to open a report package and do the report again, as the first thing on a new page. */

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const [, , file = ''] = process.argv

const built = await build({
  configFile: false,
  logLevel: 'silent',
  build: {
    write: false,
    target: 'es2024',
    lib: { entry: new URL('report-check.ts', import.meta.url).pathname, formats: ['es'], fileName: 'check' },
  },
})
const [output] = Array.isArray(built) ? built : [built]
const scripts = new Map<string, string>()
if (output !== undefined && 'output' in output)
  for (const chunk of output.output) if (chunk.type === 'chunk') scripts.set(`/${chunk.fileName}`, chunk.code)
const [entry = ''] = scripts.keys()

const server = createServer((request, response) => {
  const script = scripts.get(request.url ?? '')
  if (script !== undefined) response.setHeader('content-type', 'text/javascript').end(script)
  else if (request.url === '/package') response.end(readFileSync(file))
  else response.setHeader('content-type', 'text/html').end(`<script type="module" src="${entry}"></script>`)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync)
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${port}/`)
  const { ms, lines } = await page.evaluate(async () => {
    const bytes = new Uint8Array(await (await fetch('/package')).arrayBuffer())
    const { checkTimed } = globalThis as unknown as { checkTimed: (bytes: Uint8Array) => { ms: number; lines: string } }
    return checkTimed(bytes)
  })
  if (/ false /.test(lines)) throw new Error(lines)
  console.log(ms)
} finally {
  await browser.close()
  server.close()
}
