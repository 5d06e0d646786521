// The hashing kernel: AssemblyScript, compiled by build.ts to WebAssembly with SIMD and committed as
// src/kernel.wasm.ts. Four messages are hashed at a time, one in each 32-bit lane of a v128.
// All of memory is the fixed map below (src/hasher.ts holds the same numbers). The caller works in blocks of at most
// 1024 readings, so that a block stays in the processor's cache whatever the size of the tree.
// Where a count is no multiple of four, the last lanes hash what stands behind the end; nobody reads the result.

const STATE: usize = 0x1000 // 8 × v128: the running hash of four messages
const W: usize = 0x1100 // 64 × v128: the message schedule
const SCRATCH: usize = 0x1500 // 4 × 64 bytes: four messages being put together
const SALTS: usize = 0x1600 // 4 × 16 bytes: the first halves of four digests (the second halves follow and are not used)
const HASHES: usize = 0x1680 // 4 × 16 bytes: the first halves of four digests, then their second halves
const SEED: usize = 0x1800 // 32 bytes: the seed of a chunk
const FLAGS: usize = 0x2000 // 1024 × u8
const ORIGINS: usize = 0x2400 // 1024 × i32: where in SOURCES each reading's source stands, or -1
const KEYS: usize = 0x4000 // 1024 × 16 bytes; the 16 bytes before are the last key of the block before
const QUANTITIES: usize = 0x8000 // 1024 × f64
const SECONDS: usize = 0xa000 // 1024 × f64
const DIGESTS: usize = 0x10000 // 1024 × 32 bytes: body digests
const NODES: usize = 0x18000 // 1024 × 88 bytes, then 512 × 88, 256 × 88 … 1 × 88
const SOURCES: usize = 0x48000 // 4096 × 32 bytes: digests of a chunk's sources

const NODE: usize = 88
const BOUND: f64 = 9007199254740991.0

const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
])

const FIRST = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

/**
 * Checks the leaves of a block: whole numbers in bounds, seconds of at least 1, start + seconds in bounds, keys rising
 * (also from the block before, unless `first`). Returns 0, or 4 × place + 1 quantity, 2 duration, 3 order.
 */
export function checkLeaves(n: i32, first: bool): i32 {
  let highBefore: u64 = 0
  let startBefore: u64 = 0
  for (let i = first ? 0 : -1; i < n; i++) {
    const key = swap64(v128.load(KEYS + (i << 4)))
    const high = <u64>i64x2.extract_lane(key, 0)
    const start = <u64>i64x2.extract_lane(key, 1)
    if (i >= 0) {
      const quantity = load<f64>(QUANTITIES + (i << 3))
      if (!(quantity >= 0 && quantity <= BOUND && floor(quantity) === quantity)) return 4 * i + 1
      const seconds = load<f64>(SECONDS + (i << 3))
      if (!(seconds >= 1 && seconds <= BOUND && floor(seconds) === seconds)) return 4 * i + 2
      if (start > <u64>(<i64>(BOUND - seconds))) return 4 * i + 2
      if ((i > 0 || !first) && (high < highBefore || (high === highBefore && start <= startBefore))) return 4 * i + 3
    }
    highBefore = high
    startBefore = start
  }
  v128.store(KEYS - 16, v128.load(KEYS - 16 + (n << 4)))
  return 0
}

/** Salt, body and body digest of `n` readings of one chunk: SEED, KEYS, FLAGS, ORIGINS, SOURCES → DIGESTS. */
export function hashBodies(n: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    // salt = H(seed ‖ key), its first 16 bytes
    for (let lane: usize = 0; lane < 4; lane++) putSeedAndKey(lane, i + lane)
    hashFirst(SCRATCH, 64, -1, 0)
    digests(SALTS)
    // A body with a source has 61 bytes, one without 21. Four of one length go together; mixed ones are hashed twice.
    let sourced = 0
    for (let lane: usize = 0; lane < 4; lane++) sourced += sourceOf(i + lane) < 0 ? 0 : 1
    if (sourced < 4) {
      for (let lane: usize = 0; lane < 4; lane++) putShortBody(lane, i + lane)
      hashFirst(SCRATCH, 64, -1, 0)
      digests(HASHES)
      for (let lane: usize = 0; lane < 4; lane++) copyHash(lane, DIGESTS + ((i + lane) << 5))
    }
    if (sourced > 0) {
      for (let lane: usize = 0; lane < 4; lane++) putLongBody(lane, i + lane)
      hashFirst(SCRATCH, 64, -1, 0)
      finish(W, 488)
      digests(HASHES)
      for (let lane: usize = 0; lane < 4; lane++) {
        const at = i + lane
        if (sourceOf(at) >= 0) copyHash(lane, DIGESTS + (at << 5))
      }
    }
  }
}

/** The nodes of `n` leaves: KEYS, QUANTITIES, SECONDS, DIGESTS → the first level of NODES. */
export function hashLeaves(n: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    for (let lane: usize = 0; lane < 4; lane++) putLeaf(lane, i + lane)
    // H(00 ‖ key ‖ quantity ‖ seconds ‖ bodyDigest): 65 bytes, so the message begins one byte before the parts.
    hashFirst(SCRATCH - 1, 64, 0xffffff, 0)
    hashLast(W, SCRATCH + 63, 64, 520)
    for (let lane: usize = 0; lane < 4; lane++) copyHash(lane, NODES + (i + lane) * NODE + 56)
  }
}

/**
 * One level up: of `n` nodes at `from`, the nodes over each two neighbours to `to`; an odd last one is
 * the caller's to take up as it is (the shape of RFC 6962). Returns 1 where a sum passes 2^53 − 1.
 */
export function hashLevel(from: usize, n: usize, to: usize): i32 {
  let sums = i64x2.splat(0)
  const pairs = n >> 1
  for (let i: usize = 0; i < pairs; i += 4) {
    // H(01 ‖ left ‖ right): 177 bytes, so the message begins one byte before the pair.
    const message = from + i * 176 - 1
    hashFirst(message, 176, 0xffffff, 0x1000000)
    absorb(message + 64, 176)
    compress()
    absorb(message + 128, 176)
    hashLast(W + 192, message + 176, 176, 1416)
    for (let lane: usize = 0; lane < 4; lane++) {
      const at = i + lane
      if (at < pairs) sums = v128.or(sums, join(from + at * 176, to + at * NODE))
      copyHash(lane, to + at * NODE + 56)
    }
  }
  return v128.any_true(i64x2.shr_u(sums, 53)) ? 1 : 0
}

/** Range and sums of two neighbours; gives all three sums, or-ed, for the bound. */
function join(pair: usize, to: usize): v128 {
  v128.store(to, v128.load(pair))
  v128.store(to, v128.load(pair, NODE + 16), 16)
  let all = i64x2.splat(0)
  // Count and quantity, then quantity and seconds.
  for (let at: usize = 32; at < 48; at += 8) {
    const sums = i64x2.add(swap64(v128.load(pair + at)), swap64(v128.load(pair + at, NODE)))
    v128.store(to + at, swap64(sums))
    all = v128.or(all, sums)
  }
  return all
}

function sourceOf(i: usize): i32 {
  return load<i32>(ORIGINS + (i << 2))
}

function putSeedAndKey(lane: usize, i: usize): void {
  const to = SCRATCH + (lane << 6)
  v128.store(to, v128.load(SEED))
  v128.store(to, v128.load(SEED + 16), 16)
  v128.store(to, v128.load(KEYS + (i << 4)), 32)
  store<u64>(to, 0x80, 48)
  store<u64>(to, 0, 54)
  store<u16>(to, 0x8001, 62) // 384 bits
}

/** The body [flag, null, salt] of reading `i`, padded, as scratch message `lane`. */
function putShortBody(lane: usize, i: usize): void {
  const to = SCRATCH + (lane << 6)
  store<u32>(to, 0xf6006183 | (load<u8>(FLAGS + i) << 16))
  store<u8>(to, 0x50, 4)
  v128.store(to, v128.load(SALTS + (lane << 4)), 5)
  v128.store(to, i32x4(0x80, 0, 0, 0), 21)
  for (let at: usize = 32; at < 64; at += 8) store<u64>(to + at, 0)
  store<u8>(to, 168, 63)
}

/** The body [flag, CID, salt] of reading `i`, padded, as scratch message `lane`. */
function putLongBody(lane: usize, i: usize): void {
  const to = SCRATCH + (lane << 6)
  const source = SOURCES + ((<usize>sourceOf(i)) << 5)
  store<u32>(to, 0xd8006183 | (load<u8>(FLAGS + i) << 16))
  // Tag 42, 37 bytes: 00, then version 1, dag-cbor, sha2-256, 32 bytes.
  store<u32>(to, 0x0025582a, 4)
  store<u32>(to, 0x20127101, 8)
  v128.store(to, v128.load(source), 12)
  v128.store(to, v128.load(source, 16), 28)
  store<u8>(to, 0x50, 44)
  v128.store(to, v128.load(SALTS + (lane << 4)), 45)
  store<u16>(to, 0x80, 61)
  store<u8>(to, 0, 63)
}

/** Range and sums of a leaf's node, and what is hashed as scratch message `lane`. */
function putLeaf(lane: usize, i: usize): void {
  const message = SCRATCH + (lane << 6)
  const node = NODES + i * NODE
  const key = v128.load(KEYS + (i << 4))
  v128.store(node, key)
  v128.store(node, key, 16)
  store<u64>(node, bswap(<u64>1), 32)
  const amounts = swap64(
    i64x2.replace_lane(i64x2.splat(<i64>load<f64>(QUANTITIES + (i << 3))), 1, <i64>load<f64>(SECONDS + (i << 3))),
  )
  v128.store(node, amounts, 40)
  v128.store(message, key)
  v128.store(message, amounts, 16)
  const digest = DIGESTS + (i << 5)
  v128.store(message, v128.load(digest), 32)
  v128.store(message, v128.load(digest, 16), 48)
}

function copyHash(lane: usize, to: usize): void {
  const from = HASHES + (lane << 4)
  v128.store(to, v128.load(from))
  v128.store(to, v128.load(from, 64), 16)
}

/**
 * The first block of four messages at `message` and each `apart` bytes on; the first word of each is put under `mask` and
 * or-ed with `word`.
 */
function hashFirst(message: usize, apart: usize, mask: i32, word: i32): void {
  for (let i: usize = 0; i < 8; i++) v128.store(STATE + (i << 4), v128.load_splat<u32>(FIRST + (i << 2)))
  absorb(message, apart)
  v128.store(W, v128.or(v128.and(v128.load(W), i32x4.splat(mask)), i32x4.splat(word)))
  compress()
}

/** The last block: at word `at` of the schedule the last byte of each message and the end mark; then the digests. */
function hashLast(at: usize, message: usize, apart: usize, bits: i32): void {
  for (let lane: usize = 0; lane < 4; lane++) {
    store<u32>(at + (lane << 2), ((<u32>load<u8>(message)) << 24) | 0x800000)
    message += apart
  }
  finish(at + 16, bits)
  digests(HASHES)
}

/** 64 bytes of each of four messages become the first sixteen words of the schedule. */
function absorb(message: usize, apart: usize): void {
  turn(message, apart, 16, W, W + 256)
}

/** The last block: zeros from `at`, the length in bits as its last word. */
function finish(at: usize, bits: i32): void {
  for (; at < W + 240; at += 16) v128.store(at, i32x4.splat(0))
  v128.store(W + 240, i32x4.splat(bits))
  compress()
}

/** The four digests from the state, halves apart, to `to`. */
function digests(to: usize): void {
  turn(STATE, 16, 64, to, to + 128)
}

/**
 * Turns squares of 4 × 4 words, so that rows become columns, and the order of bytes in each word: rows at `from` and each
 * `apart` bytes on, the next square `step` bytes on; columns to `to`, until `end`.
 */
function turn(from: usize, apart: usize, step: usize, to: usize, end: usize): void {
  for (; to < end; to += 64) {
    const x = swap32(v128.load(from))
    const y = swap32(v128.load(from + apart))
    const z = swap32(v128.load(from + apart * 2))
    const w = swap32(v128.load(from + apart * 3))
    const xy = v128.shuffle<i32>(x, y, 0, 4, 1, 5)
    const zw = v128.shuffle<i32>(z, w, 0, 4, 1, 5)
    v128.store(to, v128.shuffle<i64>(xy, zw, 0, 2))
    v128.store(to, v128.shuffle<i64>(xy, zw, 1, 3), 16)
    const xyHigh = v128.shuffle<i32>(x, y, 2, 6, 3, 7)
    const zwHigh = v128.shuffle<i32>(z, w, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<i64>(xyHigh, zwHigh, 0, 2), 32)
    v128.store(to, v128.shuffle<i64>(xyHigh, zwHigh, 1, 3), 48)
    from += step
  }
}

function swap32(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

function swap64(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
}

/** One block of SHA-256 (FIPS 180-4, 6.2.2) for four messages: the first 16 words of W into STATE. */
function compress(): void {
  // The last two words stay at hand: they are needed before their stores are done.
  let before = v128.load(W + 224)
  let last = v128.load(W + 240)
  for (let t = W + 256; t < W + 1024; t += 16) {
    const x = v128.load(t - 240)
    const low = v128.xor(v128.xor(rotate(x, 7), rotate(x, 18)), i32x4.shr_u(x, 3))
    const high = v128.xor(v128.xor(rotate(before, 17), rotate(before, 19)), i32x4.shr_u(before, 10))
    before = last
    last = i32x4.add(i32x4.add(i32x4.add(v128.load(t - 256), low), v128.load(t - 112)), high)
    v128.store(t, last)
  }
  let a = v128.load(STATE)
  let b = v128.load(STATE + 16)
  let c = v128.load(STATE + 32)
  let d = v128.load(STATE + 48)
  let e = v128.load(STATE + 64)
  let f = v128.load(STATE + 80)
  let g = v128.load(STATE + 96)
  let h = v128.load(STATE + 112)
  let k = K
  // b ^ c of a round is a ^ b of the one before, so the majority of three costs three operations.
  let even = v128.xor(b, c)
  let odd = even
  for (let t = W; t < W + 1024; t += 64) {
    h = i32x4.add(choose(i32x4.add(h, scheduled(t, k)), e, f, g), turnE(e))
    d = i32x4.add(d, h)
    odd = v128.xor(a, b)
    h = i32x4.add(i32x4.add(h, v128.xor(b, v128.and(even, odd))), turnA(a))
    g = i32x4.add(choose(i32x4.add(g, scheduled(t + 16, k + 4)), d, e, f), turnE(d))
    c = i32x4.add(c, g)
    even = v128.xor(h, a)
    g = i32x4.add(i32x4.add(g, v128.xor(a, v128.and(odd, even))), turnA(h))
    f = i32x4.add(choose(i32x4.add(f, scheduled(t + 32, k + 8)), c, d, e), turnE(c))
    b = i32x4.add(b, f)
    odd = v128.xor(g, h)
    f = i32x4.add(i32x4.add(f, v128.xor(h, v128.and(even, odd))), turnA(g))
    e = i32x4.add(choose(i32x4.add(e, scheduled(t + 48, k + 12)), b, c, d), turnE(b))
    a = i32x4.add(a, e)
    even = v128.xor(f, g)
    e = i32x4.add(i32x4.add(e, v128.xor(g, v128.and(odd, even))), turnA(f))
    // Four rounds on, each variable plays the part of the one four places before it.
    const ae = a
    a = e
    e = ae
    const bf = b
    b = f
    f = bf
    const cg = c
    c = g
    g = cg
    const dh = d
    d = h
    h = dh
    k += 16
  }
  v128.store(STATE, i32x4.add(a, v128.load(STATE)))
  v128.store(STATE + 16, i32x4.add(b, v128.load(STATE + 16)))
  v128.store(STATE + 32, i32x4.add(c, v128.load(STATE + 32)))
  v128.store(STATE + 48, i32x4.add(d, v128.load(STATE + 48)))
  v128.store(STATE + 64, i32x4.add(e, v128.load(STATE + 64)))
  v128.store(STATE + 80, i32x4.add(f, v128.load(STATE + 80)))
  v128.store(STATE + 96, i32x4.add(g, v128.load(STATE + 96)))
  v128.store(STATE + 112, i32x4.add(h, v128.load(STATE + 112)))
}

function scheduled(word: usize, constant: usize): v128 {
  return i32x4.add(v128.load(word), v128.load_splat<u32>(constant))
}

function choose(x: v128, e: v128, f: v128, g: v128): v128 {
  return i32x4.add(x, v128.bitselect(f, g, e))
}

function turnE(e: v128): v128 {
  return v128.xor(v128.xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25))
}

function turnA(a: v128): v128 {
  return v128.xor(v128.xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22))
}

function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n))
}
