/** Codes of the colours this program prints (ECMA-48: SGR). */
export const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

const OWN_COLOUR = new RegExp(`^\\u001b\\[(0|${Object.values(STYLES).join('|')})m$`);
// eslint-disable-next-line no-control-regex -- they are what is looked for
const SPECIAL = /\u001b\[\d{1,2}m|[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * A line as it may be shown: control characters, which could move the reader's cursor, forge a line or turn its direction,
 * become `\u001b` and the like, so that JSON stays what it was. Of colours only this program's own pass, where wanted; else
 * they are taken out.
 */
export function printable(line: string, colours: 'keep' | 'drop' | 'show' = 'show'): string {
  return line.replace(SPECIAL, (found) => {
    if (colours !== 'show' && OWN_COLOUR.test(found)) return colours === 'keep' ? found : '';
    return found.replace(/^./su, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  });
}
