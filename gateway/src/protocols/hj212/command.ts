/** Editions of HJ 212 that a device can be enrolled with. Its record chooses the decoder, never the version bits of a packet. */
export const EDITIONS = ['2017', '2025'] as const
export type Edition = (typeof EDITIONS)[number]

/** The version bits of `Flag` (V5…V0) that go with an edition. */
export const VERSION_BITS: Readonly<Record<Edition, number>> = { '2017': 1, '2025': 2 }

/** What a command is to the side that receives data (HJ 212-2017, table 9). */
export type CommandUse =
  /** Brings values with a DataTime; acknowledged with 9014. */
  | 'data'
  /** Brings other information; acknowledged with 9014. */
  | 'information'
  /** Tells of an event; acknowledged with 9013. */
  | 'notice'
  /** Answers what we asked. */
  | 'answer'
  /** Asks for something that only a platform can be asked, or that only a device can. */
  | 'request'

const COMMANDS_2017: Readonly<Record<string, CommandUse>> = {
  // Set-up, clock, intervals, password.
  ...uses('request', ['1000', '1012', '1062', '1064', '1072', '2012', '2022', '3011', '3012', '3013', '3014', '3016']),
  ...uses('request', ['3021']),
  1013: 'notice',
  ...uses('information', ['1011', '1061', '1063', '3015', '3017', '3018', '3019', '3020']),
  ...uses('data', ['2011', '2021', '2031', '2041', '2051', '2061']),
  // Its value is RestartTime; DataTime stands beside it.
  2081: 'information',
  ...uses('answer', ['9011', '9012', '9013', '9014']),
}

/** What a public driver of the 2025 edition has beyond it; the standard's own text could not be read. */
const COMMANDS_2025: Readonly<Record<string, CommandUse>> = {
  ...COMMANDS_2017,
  ...uses('request', ['1002', '1014', '3022', '3024']),
  1001: 'information',
  ...uses('data', ['2013', '2052', '2062', '2111']),
  9015: 'notice',
}

/** What a command is in an edition; undefined where the edition has none of that number. */
export function commandUse(command: string, edition: Edition): CommandUse | undefined {
  const table = edition === '2025' ? COMMANDS_2025 : COMMANDS_2017
  return Object.hasOwn(table, command) ? table[command] : undefined
}

function uses(use: CommandUse, commands: readonly string[]): Record<string, CommandUse> {
  return Object.fromEntries(commands.map((command) => [command, use]))
}
