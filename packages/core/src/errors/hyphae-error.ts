/** A stable, documented error code. Callers branch on it. */
export type ErrorCode = `HYP_${string}`;
/** Typed facts about one error. */
export type ErrorContext = Readonly<Record<string, unknown>>;

/** Base of everything Hyphae throws. Branch on `code`; read `context`; never parse `message`. */
export abstract class HyphaeError<X extends ErrorContext = ErrorContext> extends Error {
  abstract readonly code: ErrorCode;
  /** True when the same call may succeed later without anyone changing the configuration. */
  abstract readonly retryable: boolean;

  constructor(
    message: string,
    readonly context: X,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** One row of the error catalogue: construct it with the context its message names. */
export interface ErrorClass<C extends ErrorCode, X extends ErrorContext> {
  new (context: X, options?: ErrorOptions): HyphaeError<X> & { readonly code: C };
  readonly code: C;
  readonly template: string;
  readonly retryable: boolean;
  /** What the reader can do about it. */
  readonly remedy: string;
}

const MARK = Symbol.for('hyphae.error');

/** True for an error of any copy of Hyphae in the process, which `instanceof` cannot promise. */
export function isHyphaeError(error: unknown): error is HyphaeError {
  return error instanceof Error && MARK in error;
}

/** True when `error` carries this code, whichever copy of Hyphae threw it. */
export function hasCode<C extends ErrorCode>(error: unknown, code: C): error is HyphaeError & { readonly code: C } {
  return isHyphaeError(error) && error.code === code;
}

/** Writes any value for a message. It never throws: a value that cannot be written must not hide the error it belongs to. */
export function show(value: unknown): string {
  try {
    if (Array.isArray(value)) return value.map(show).join(', ');
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/**
 * Defines one row of the error catalogue. `{name}` in the template is filled from the context.
 *
 * @example `const LostError = defineError<{ port: string }>()('HYP_LOST', '{port} is gone', { remedy: 'Plug it in again.' })`
 */
export function defineError<X extends ErrorContext>() {
  return <const C extends ErrorCode>(
    code: C,
    template: string,
    { retryable = false, remedy }: { readonly retryable?: boolean; readonly remedy: string },
  ): ErrorClass<C, X> =>
    class extends HyphaeError<X> {
      static readonly code = code;
      static readonly template = template;
      static readonly retryable = retryable;
      static readonly remedy = remedy;
      readonly code = code;
      readonly retryable = retryable;

      constructor(context: X, options?: ErrorOptions) {
        super(
          template.replace(/\{(\w+)\}/g, (_, key: string) => show(context[key])),
          context,
          options,
        );
        this.name = code;
        Object.defineProperty(this, MARK, { value: true });
      }
    };
}
