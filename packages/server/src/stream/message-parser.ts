import { createRequire } from 'node:module';
import type { Ajv, ValidateFunction } from 'ajv';
import type { ClientMessage, StreamErrorCode } from '@hyphae/client';
import { jsonProblem } from './json-guard.js';
import { CLIENT_MESSAGES, type ClientMessageType } from './schemas.js';

/** A message, or why it is none. `fatal`: the connection cannot go on. */
export type Parsed =
  | { readonly ok: true; readonly message: ClientMessage }
  | {
      readonly ok: false;
      readonly code: StreamErrorCode;
      readonly msg: string;
      readonly id?: number;
      readonly fatal?: true;
    };

/** Turns the text of a frame into a message. Checks go from cheap to dear; nothing the client sent is repeated in an error. */
export class MessageParser {
  /** Loaded and compiled when first used: start-up does not pay for it. */
  #ajv: Ajv | undefined;
  readonly #validators = new Map<string, ValidateFunction>();

  parse(text: string): Parsed {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return { ok: false, code: 'bad_json', msg: 'the message is not JSON', fatal: true };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { ok: false, code: 'bad_type', msg: 'a message is an object' };
    }
    const { t, id } = value as { t?: unknown; id?: unknown }; // an object: any field may be asked for
    const known = typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? { id } : {};
    const problem = jsonProblem(value);
    if (problem) return { ok: false, ...problem, ...known };
    if (typeof t !== 'string') return { ok: false, code: 'bad_type', msg: 'the field t is missing', ...known };
    if (!isClientMessageType(t)) {
      return { ok: false, code: 'unknown_type', msg: 'this type of message is not known', ...known };
    }
    const validate = this.#validator(t);
    if (validate(value)) return { ok: true, message: value as ClientMessage }; // its schema says so
    const where = validate.errors?.[0]?.instancePath.split('/')[1] ?? '';
    const msg = where === '' ? 'a field is missing' : `the field ${where} is not as it should be`;
    return { ok: false, code: 'bad_field', msg, ...known };
  }

  #validator(t: ClientMessageType): ValidateFunction {
    let validate = this.#validators.get(t);
    if (validate) return validate;
    this.#ajv ??= makeAjv();
    this.#validators.set(t, (validate = this.#ajv.compile(CLIENT_MESSAGES[t])));
    return validate;
  }
}

function makeAjv(): Ajv {
  const { Ajv: Validator } = createRequire(import.meta.url)('ajv') as typeof import('ajv'); // as the import would give
  return new Validator({ allErrors: false, strict: false });
}

function isClientMessageType(t: string): t is ClientMessageType {
  return Object.hasOwn(CLIENT_MESSAGES, t);
}
