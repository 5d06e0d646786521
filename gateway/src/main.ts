#!/usr/bin/env node

/**
 * The gateway as a process: `node gateway/src/main.ts --plant plant.yaml --data DIR`, see `serve.ts`. A gateway's box is small, and without
 * limits Node lets garbage grow far beyond what is in use: whoever starts it, it runs under these. They hold from a process's first
 * moment or not at all, so it begins once more, in the same process.
 */
const MEMORY = ['--max-semi-space-size=4', '--max-old-space-size=128']
const limited = MEMORY.every((flag) => process.execArgv.includes(flag))
if (!limited && process.execve !== undefined && process.platform !== 'win32')
  process.execve(process.execPath, [process.execPath, ...MEMORY, ...process.execArgv, ...process.argv.slice(1)], {
    MALLOC_ARENA_MAX: '2',
    // What glibc frees goes back to the system, however much came and went before.
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_TRIM_THRESHOLD_: '131072',
    ...process.env,
  })
await import('./serve.ts')
