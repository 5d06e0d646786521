import { type Block, encodeBlock } from '@tanlian/evidence'

/** The greatest number of raw bytes in one frame that is cut from a file. */
export const MAX_FRAME_BYTES = 256 * 1024

/** What every frame of one import says about its bytes. */
export interface FrameNote {
  readonly device: string
  readonly protocol: string
  /** Unix seconds when the file was read. */
  readonly received: number
  /** SHA-256 of the whole file, so that whoever has it can find the place. */
  readonly file: Uint8Array
}

/** Raw lines on their way into frames (原始帧): lines of a file, byte for byte. */
export interface FramePacker {
  /** Adds a record's bytes. @returns the place of its frame in what `finish` gives. */
  add(line: number, bytes: Uint8Array): number
  /** The frames, each at most 256 KiB, with the lines of the file that it holds. */
  finish(): Block[]
}

/** Packs records of one batch into frames. Each frame has its own salt; `random` gives bytes that nobody can guess. */
export function packFrames(note: FrameNote, random: (length: number) => Uint8Array): FramePacker {
  const frames: { size: number; readonly parts: Uint8Array[]; readonly lines: [number, number][] }[] = []
  let lastLine = 0
  return {
    add(line, bytes) {
      let frame = frames.at(-1)
      if (line === lastLine && frame !== undefined) return frames.length - 1
      if (frame === undefined || frame.size + bytes.length > MAX_FRAME_BYTES) {
        frame = { size: 0, parts: [], lines: [] }
        frames.push(frame)
      }
      frame.parts.push(bytes)
      frame.size += bytes.length
      const run = frame.lines.at(-1)
      if (run !== undefined && run[1] === line - 1) run[1] = line
      else frame.lines.push([line, line])
      lastLine = line
      return frames.length - 1
    },
    finish: () =>
      frames.map(({ size, parts, lines }) => {
        const bytes = new Uint8Array(size)
        let at = 0
        for (const part of parts) {
          bytes.set(part, at)
          at += part.length
        }
        return encodeBlock({
          bytes,
          device: note.device,
          protocol: note.protocol,
          received: note.received,
          salt: random(16),
          file: note.file,
          lines,
        })
      }),
  }
}
