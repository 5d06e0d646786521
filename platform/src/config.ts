/** Limits that hold before anything is parsed (R14, S35). */
export interface Limits {
  /** Bytes of one batch CAR. */
  readonly batchBytes: number
  /** Bytes of one document CAR. */
  readonly documentBytes: number
  /** Bytes of batches and documents that are being received at once; one address may have half of them. */
  readonly bodyBytes: number
  /** Open uploads and their bytes, for each organization. */
  readonly uploadsOpen: number
  readonly uploadBytes: number
  /** How long an untouched upload is kept, seconds. */
  readonly uploadSeconds: number
  /** Readings above which a proof route answers 413. */
  readonly proofReadings: number
  /** Bytes of raw frames above which a trace that asks for them answers 413. */
  readonly frameBytes: number
  /** Free bytes that must stay on the disk; acceptance is refused below it (F6). */
  readonly reserveBytes: number
  /** Bytes of trees kept in memory. */
  readonly treeBytes: number
  /** Bytes of finished answers to traces kept in memory. */
  readonly answerBytes: number
  /** Requests of one address, and tries to sign in. */
  readonly requestsPerMinute: number
  readonly signInsPerMinute: number
  /** Registry acts and applications of one address: the platform pays for the transaction of each. */
  readonly actsPerMinute: number
  /** Readers of live events at once, in all and of one address. */
  readonly liveReaders: number
  readonly liveReadersPerAddress: number
}

/** The first regulator, named in the contract's deployment. */
export interface Founder {
  /** Address of its key. */
  readonly address: `0x${string}`
  /** 32 bytes, H of its profile document. */
  readonly profile: `0x${string}`
  /** Address of the key that replaces a lost one. */
  readonly recovery: `0x${string}`
}

/** Where and how one platform runs. */
export interface Config {
  /** Absolute; everything the platform keeps is below it (but the database where `DATABASE_URL` names one). */
  readonly dataDir: string
  /** Address listened on; loopback unless told otherwise. */
  readonly host: string
  readonly port: number
  /** Port of the embedded chain. */
  readonly rpcPort: number
  /** PostgreSQL of one's own; undefined: embedded. */
  readonly databaseUrl: string | undefined
  /** Another EVM chain; undefined: embedded anvil, development, not final. */
  readonly rpcUrl: string | undefined
  /** A second node of that chain: only what both say is read (trust boundary 6). Undefined: the one node is believed. */
  readonly secondRpcUrl: string | undefined
  /** The contracts on that chain; undefined: deployed at the first start. */
  readonly contracts: { readonly OrganizationRegistry: `0x${string}`; readonly EvidenceLog: `0x${string}` } | undefined
  /** Block of their deployment: nothing of them is looked for before it. */
  readonly contractsBlock: number
  /** An address of that chain for browsers and checkers; undefined: none is given. `rpcUrl` may hold a secret and is never shown. */
  readonly publicRpcUrl: string | undefined
  readonly founder: Founder | undefined
  /** Blocks on top of an entry before it is called anchored; 0 on the embedded chain and on one with finality. */
  readonly confirmations: number
  /** An accepted entry is appended to the log within this time, seconds. */
  readonly promiseSeconds: number
  /**
   * Addresses or networks of the proxies in front, comma between them: only what they say of a client (`X-Forwarded-For`, `-Proto`, `-Host`) is
   * believed. Undefined: nobody is believed, and rates are counted for whoever connects.
   */
  readonly trustProxy: string | undefined
  /**
   * Audits that a batch needs before a report here may cite it (S7). The platform's own is one of them and is named as such: 1 asks for no
   * witness outside it.
   */
  readonly witnesses: number
  /** The log's name in its checkpoint; undefined: made from the instance's id. */
  readonly logOrigin: string | undefined
  /** Mail server for alerts, as a URL that may hold a password; undefined: none is sent. */
  readonly smtpUrl: string | undefined
  readonly mailFrom: string
  /** Where webhooks may go; nowhere unless it is said. */
  readonly webhooks: { readonly hosts: readonly string[]; readonly networks: readonly string[] }
  /** It is a demo and says so. */
  readonly demo: boolean
  /** A folder of built web pages to serve; undefined: none. */
  readonly webDir: string | undefined
  readonly limits: Limits
}

/** Values for what the caller leaves open. */
export const LIMITS: Limits = {
  batchBytes: 64 * 1024 * 1024,
  documentBytes: 4 * 1024 * 1024,
  bodyBytes: 512 * 1024 * 1024,
  uploadsOpen: 64,
  uploadBytes: 1024 * 1024 * 1024,
  uploadSeconds: 24 * 3600,
  proofReadings: 65_536,
  frameBytes: 16 * 1024 * 1024,
  reserveBytes: 256 * 1024 * 1024,
  treeBytes: 256 * 1024 * 1024,
  answerBytes: 24 * 1024 * 1024,
  requestsPerMinute: 60_000,
  signInsPerMinute: 60,
  actsPerMinute: 300,
  liveReaders: 1000,
  liveReadersPerAddress: 100,
}

/** A chain without finality may go back a few blocks; one with finality is told so (`--confirmations 0`). */
const NETWORK_CONFIRMATIONS = 12

/** A whole configuration from the few values that a caller names. */
export function configure(
  given: Partial<Omit<Config, 'limits'>> & { dataDir: string; limits?: Partial<Limits> },
): Config {
  return {
    host: '127.0.0.1',
    port: 8787,
    rpcPort: 8545,
    databaseUrl: undefined,
    rpcUrl: undefined,
    secondRpcUrl: undefined,
    contracts: undefined,
    contractsBlock: 0,
    publicRpcUrl: undefined,
    founder: undefined,
    confirmations: given.rpcUrl === undefined ? 0 : NETWORK_CONFIRMATIONS,
    promiseSeconds: 30,
    witnesses: 1,
    trustProxy: undefined,
    logOrigin: undefined,
    smtpUrl: undefined,
    mailFrom: 'tanlian@localhost',
    webhooks: { hosts: [], networks: [] },
    demo: false,
    webDir: undefined,
    ...given,
    limits: { ...LIMITS, ...given.limits },
  }
}
