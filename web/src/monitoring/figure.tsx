import { formatCount } from '../format.ts'

/** A count, large, with what it counts below it. */
export function Figure({ value, text }: { value: number | string; text: string }) {
  return (
    <p className="figure">
      <b>{typeof value === 'number' ? formatCount(value) : value}</b>
      <span>{text}</span>
    </p>
  )
}
