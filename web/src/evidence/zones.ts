/** Zones offered for a table's stamps and for calendar windows; any IANA name or fixed offset in the address works too. */
export const ZONES = [
  'Asia/Shanghai',
  'UTC',
  'Asia/Urumqi',
  'Asia/Hong_Kong',
  'Asia/Tokyo',
  'Asia/Seoul',
  'Asia/Singapore',
  'Europe/London',
  'Europe/Berlin',
  'Africa/Casablanca',
  'America/New_York',
  'America/Los_Angeles',
] as const
