import { defineConfig } from 'vitest/config'

/** Tests of the pages: plain functions beside the code, and `test/*.test.ts` in a real Chromium against the built pages. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', '../scripts/reporter.ts'],
  },
})
