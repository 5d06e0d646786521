import { useState } from 'react'

/** What a person set off on a page: whether it is still under way, and what went wrong with the last. */
export interface Work {
  readonly working: boolean
  /** Undefined where nothing went wrong. */
  readonly error: unknown
  /** Does one thing; it never rejects. */
  readonly work: (act: () => Promise<unknown>) => Promise<void>
}

/** One thing at a time that a person sets off: an act, a signature, a form. */
export function useWork(): Work {
  const [working, setWorking] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const work = async (act: () => Promise<unknown>) => {
    setError(undefined)
    setWorking(true)
    try {
      await act()
    } catch (cause) {
      setError(cause)
    } finally {
      setWorking(false)
    }
  }
  return { working, error, work }
}
