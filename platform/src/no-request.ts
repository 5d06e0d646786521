import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { TanlianError } from '@tanlian/units'
import { failureOf, problemOf } from './problem.ts'

/**
 * What is no HTTP, has too large a head or comes too slowly never reaches a route; it gets the same form of error all the same, which a
 * page of another origin may read like any other.
 */
export function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket) {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const correlation = randomUUID()
  const problem = problemOf(failureOf(refusalOf(error.code)), correlation, 'en')
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Connection: close',
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Access-Control-Allow-Origin: *',
    `X-Correlation-Id: ${correlation}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function refusalOf(code: string | undefined): TanlianError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new TanlianError(
      'E_REQUEST_HEADERS',
      'The address and headers of the request are larger than this server takes. Ask for less at a time.',
    )
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new TanlianError('E_REQUEST_TIMEOUT', 'The request did not arrive in time. Send large batches as uploads.')
  return new TanlianError('E_REQUEST_HTTP', 'This is not a well-formed HTTP request.')
}
