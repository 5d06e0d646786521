import type { ReactNode } from 'react'

/** What makes a box that scrolls reachable by keyboard (WCAG 2.1.1): it has a name and takes the focus. */
const SCROLLS = { role: 'group', tabIndex: 0 } as const

/** A part that scrolls by itself, wide or long. */
export function ScrollBox({ label, className, children }: { label: string; className: string; children: ReactNode }) {
  return (
    <div className={className} {...SCROLLS} {...{ 'aria-label': label }}>
      {children}
    </div>
  )
}
