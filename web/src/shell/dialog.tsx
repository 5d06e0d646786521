import { type ReactNode, useEffect, useRef } from 'react'

/** A modal dialog of the platform itself: it keeps the focus inside, closes by Escape, and gives the focus back. */
export function Dialog({
  label,
  className,
  onClose,
  children,
}: {
  label: string
  className?: string
  onClose: () => void
  children: ReactNode
}) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    element.current?.showModal()
  }, [])
  return (
    // A click on the backdrop lands on the dialog element itself; Escape serves the keyboard.
    <dialog
      ref={element}
      aria-label={label}
      className={className ?? ''}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      {children}
    </dialog>
  )
}
