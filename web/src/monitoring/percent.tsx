/** A share as a number with a bar beside it; the bar says the same once more. */
export function Percent({ value }: { value: number | undefined }) {
  if (value === undefined) return <span className="muted">–</span>
  return (
    <span className="percent">
      <span className="percent-bar" aria-hidden="true">
        <span style={{ inlineSize: `${value}%` }} />
      </span>
      {value} %
    </span>
  )
}
