/** Writes an integer of 0 … 2^53 − 1 in its shortest CBOR form. @returns the place after it */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  return writeHead(bytes, at, 0, value)
}

/** Writes the head of a CBOR item: its major type and a number in its shortest form. @returns the place after it */
export function writeHead(bytes: Uint8Array, at: number, major: number, value: number): number {
  const kind = major << 5
  if (value < 24) {
    bytes[at] = kind | value
    return at + 1
  }
  if (value < 0x100) {
    bytes[at] = kind | 0x18
    bytes[at + 1] = value
    return at + 2
  }
  if (value < 0x1_0000) {
    bytes[at] = kind | 0x19
    bytes[at + 1] = value >> 8
    bytes[at + 2] = value
    return at + 3
  }
  if (value < 0x1_0000_0000) {
    bytes[at] = kind | 0x1a
    return writeWord(bytes, at + 1, value)
  }
  bytes[at] = kind | 0x1b
  return writeWord(bytes, writeWord(bytes, at + 1, Math.floor(value / 0x1_0000_0000)), value)
}

function writeWord(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
  return at + 4
}
