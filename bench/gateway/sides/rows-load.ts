import { Agent, request } from 'node:http'

/* Clients that post 1,000 rows at a time, each over its own connection, one request after the other. Prints rows a second. */
const [port = 0, clients = 0, requests = 0] = process.argv.slice(2).map(Number)
const ROWS = 1000
const START = 1_780_000_000_000
const agent = new Agent({ keepAlive: true, maxSockets: clients })

const bodies = Array.from({ length: requests }, (_, at) =>
  Buffer.from(Array.from({ length: ROWS }, (_, i) => row(at * ROWS + i)).join('')),
)
const began = performance.now()
await Promise.all(Array.from({ length: clients }, (_, client) => run(client)))
console.log(Math.round((clients * requests * ROWS * 1000) / (performance.now() - began)))
agent.destroy()

async function run(client: number): Promise<void> {
  for (const body of bodies) await post(client, body)
}

function post(client: number, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-length': body.length,
      authorization: `Bearer the-token-of-feeder-${client}`,
    }
    const path = `/v1/devices/feeder-${client}/readings`
    const sent = request({ agent, host: '127.0.0.1', port, method: 'POST', path, headers }, (response) => {
      response.resume()
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function row(number: number): string {
  const power = (34_196 + (number % 1000) / 10).toFixed(2)
  return `{"ts":${START + number * 1000},"seq":${number},"metrics":{"power":${power},"voltage":230.5}}\n`
}
