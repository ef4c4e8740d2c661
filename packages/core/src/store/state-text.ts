import { StoreError } from '../errors/catalogue.js';

/**
 * Encodes a value for a state store; `undefined` stays.
 *
 * @throws HYP_STORE when it is not JSON
 */
export function stateText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  let why = 'the value is not JSON';
  try {
    const text: unknown = JSON.stringify(value); // typed as string, yet undefined for functions and symbols
    if (typeof text === 'string') return text;
  } catch (error) {
    why = `the value is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  throw new StoreError({ operation: 'keep state', why });
}
