/** Writes a byte or address the way datasheets do: `0x0e`. `undefined` (a byte that never came) is `nothing`. */
export function hex(value: number | undefined): string {
  return value === undefined ? 'nothing' : `0x${value.toString(16).padStart(2, '0')}`;
}
