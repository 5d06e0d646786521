const LOOK_MS = 1000

/**
 * Calls `end` once the npm that started this process is gone. npm hands on SIGTERM, but one that is killed outright can hand on nothing,
 * and what it started would stay behind and keep its ports. @returns how to stop looking.
 */
export function endWithNpm(end: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    end()
  }, LOOK_MS)
  return () => clearInterval(timer)
}
