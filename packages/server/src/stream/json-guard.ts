/** Bounds of what a client may send. */
export interface JsonBounds {
  readonly depth: number;
  readonly keys: number;
  /** Of a text, names of fields included, in UTF-8. */
  readonly bytes: number;
}

/** The bounds of the protocol page. */
export const JSON_BOUNDS: JsonBounds = { depth: 16, keys: 64, bytes: 4_096 };

/** What is wrong with a value. It never repeats any of it. */
export interface JsonProblem {
  readonly code: 'too_large' | 'bad_field';
  readonly msg: string;
}

const TOO_LONG: JsonProblem = { code: 'too_large', msg: 'a text is too long' };

/**
 * Says what is wrong with a parsed JSON value before anything else looks at it, if anything. It never goes deeper than the
 * bound, so a value nested a hundred thousand deep costs nothing.
 */
export function jsonProblem(value: unknown, bounds: JsonBounds = JSON_BOUNDS, depth = 1): JsonProblem | undefined {
  if (typeof value === 'string') return tooLong(value, bounds) ? TOO_LONG : undefined;
  // JSON.parse turns 1e999 into Infinity
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : { code: 'bad_field', msg: 'a number is out of range' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > bounds.depth) return { code: 'too_large', msg: 'it is nested too deeply' };
  const fields: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (!Array.isArray(value)) {
    if (fields.length > bounds.keys) return { code: 'too_large', msg: 'an object has too many fields' };
    if (Object.keys(value).some((name) => tooLong(name, bounds))) return TOO_LONG;
  }
  for (const field of fields) {
    const problem = jsonProblem(field, bounds, depth + 1);
    if (problem) return problem;
  }
  return undefined;
}

/** A character has at most 3 bytes for each unit of its length, so most texts need no counting. */
function tooLong(text: string, { bytes }: JsonBounds): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text, 'utf8') > bytes;
}
