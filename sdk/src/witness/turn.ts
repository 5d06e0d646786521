/** A queue of one: each piece of work begins when the one before it has ended, however that ended. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve()
  return (work) => {
    const now = turn.then(work)
    turn = now.catch(() => undefined)
    return now
  }
}
