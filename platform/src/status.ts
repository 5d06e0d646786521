import type { PLATFORM_ERRORS } from './errors.ts'

/** The HTTP status of each code of the platform: the one place where it is decided. Codes of start-up never reach a client and are 500. */
export const STATUS = {
  E_INSTANCE_LOCKED: 500,
  E_DATABASE_START: 500,
  E_DATABASE_UNSAFE: 500,
  E_DATABASE_UNAVAILABLE: 503,
  E_DATA_NEWER: 500,
  E_MIGRATION_CHANGED: 500,
  E_STORAGE_FULL: 507,
  E_STORAGE_DAMAGED: 500,
  E_STORAGE_CLOSED: 503,
  E_DATABASE_URL: 500,
  E_UNAVAILABLE: 404,
  E_BATCH_SIZE: 413,
  E_SIGNATURE_HEADER: 400,
  E_ORGANIZATION_UNBOUND: 422,
  E_KEY_REFUSED: 422,
  E_SEQUENCE_HEAD: 409,
  E_SEQUENCE_CHAIN: 409,
  E_FRAME_MISSING: 422,
  E_BUSY: 503,
  E_AUDIT_STOPPED: 503,
  E_UPLOAD_LENGTH: 413,
  E_UPLOAD_QUOTA: 429,
  E_UPLOAD_OFFSET: 409,
  E_UPLOAD_INCOMPLETE: 409,
  E_UPLOAD_HASH: 422,
  E_UPLOAD_CLOSED: 409,
  E_RANGE: 400,
  E_PROOF_READINGS: 413,
  E_CHAIN_UNAVAILABLE: 503,
  E_FOUNDER_MISSING: 500,
  E_DATABASE_FOREIGN: 500,
  E_USAGE: 500,
  E_BACKUP: 500,
  E_PORT_TAKEN: 500,
  E_REQUEST_HTTP: 400,
  E_REQUEST_URL: 400,
  E_REQUEST_JSON: 400,
  E_REQUEST_DUPLICATE_KEY: 400,
  E_REQUEST_KEY: 400,
  E_REQUEST_TEXT: 400,
  E_REQUEST_DEPTH: 400,
  E_REQUEST_TOO_LARGE: 413,
  E_REQUEST_INVALID: 400,
  E_REQUEST_TYPE: 415,
  E_REQUEST_ACCEPT: 406,
  E_METHOD: 405,
  E_NOT_FOUND: 404,
  E_RATE: 429,
  E_ORIGIN: 403,
  E_IDEMPOTENCY_KEY: 400,
  E_IDEMPOTENCY: 422,
  E_IDEMPOTENCY_RUNNING: 409,
  E_INTERNAL: 500,
  E_POLICY_MISSING: 500,
  E_SIGN_IN: 401,
  E_SIGN_IN_FAILED: 401,
  E_SIGN_IN_MANY: 429,
  E_CHALLENGE: 401,
  E_PASSKEY: 401,
  E_PASSKEY_LAST: 409,
  E_LOGIN_TAKEN: 409,
  E_INVITATION: 404,
  E_LAST_OWNER: 409,
  E_APPLICATION_DIGEST: 422,
  E_PROFILE_UNKNOWN: 422,
  E_ACT_UNKNOWN: 422,
  E_ACT_FORM: 422,
  E_IMPORT_BATCHES: 422,
  E_IMPORT_RESTATED: 422,
} as const satisfies Record<keyof typeof PLATFORM_ERRORS, number>

/** Statuses of other packages' codes that are not plain refusals of content. */
const STATUS_ELSEWHERE: Readonly<Record<string, number>> = {
  E_CID_FORM: 400,
  E_TILE_PATH: 404,
  E_FILTER_FORM: 400,
  E_QUESTION_FORM: 400,
  E_LOG_INDEX: 404,
  E_LOG_SIZE: 404,
}

/**
 * The status of any code. What the platform's table does not know comes from the core packages (a block, proof, signature or entry that
 * does not hold), and that is content the server understood and refused: 422.
 */
export function statusOf(code: string): number {
  const own: Readonly<Record<string, number>> = STATUS
  return own[code] ?? STATUS_ELSEWHERE[code] ?? 422
}
