import type { Clock, Logger } from '@hyphae/core';
import { printable } from './printable.js';

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };
const LONGEST_LINE = 8_192;
/** What is left of a text in a line that would be too long. */
const LONGEST_TEXT = 500;

/** The level of a word, or undefined. */
export function logLevel(word: string | undefined): LogLevel | undefined {
  const level = word?.trim().toLowerCase();
  if (level === 'trace') return 'debug';
  if (level === 'fatal') return 'error';
  // hasOwn: a key of the table, so one of its type
  return level !== undefined && Object.hasOwn(RANK, level) ? (level as LogLevel) : undefined;
}

/** Where log lines go, and how they look. */
export interface LineLoggerOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** `json`: one object per line. `text`: for people. */
  readonly format: 'json' | 'text';
  /** Takes one line, without its end. */
  write(line: string): void;
}

/** A structured logger that costs nothing at start: one line per entry, bounded, free of control characters. */
export class LineLogger implements Logger {
  readonly #options: LineLoggerOptions;
  readonly #fields: object;

  constructor(options: LineLoggerOptions, fields: object = {}) {
    this.#options = options;
    this.#fields = fields;
  }

  debug(message: string, context?: object): void {
    this.#log('debug', message, context);
  }

  info(message: string, context?: object): void {
    this.#log('info', message, context);
  }

  warn(message: string, context?: object): void {
    this.#log('warn', message, context);
  }

  error(message: string, context?: object): void {
    this.#log('error', message, context);
  }

  child(fields: object): Logger {
    return new LineLogger(this.#options, { ...this.#fields, ...fields });
  }

  #log(level: LogLevel, message: string, context: object | undefined): void {
    const { clock, level: least, format } = this.#options;
    if (RANK[level] < RANK[least]) return;
    const time = new Date(clock.now()).toISOString();
    const fields = { ...this.#fields, ...context };
    const line =
      format === 'json'
        ? jsonLine({ time, level, message }, fields)
        : shortened(
            printable(`${time.slice(11, 19)} ${level.toUpperCase().padEnd(5)} ${message}${toText(fields)}`),
            LONGEST_LINE,
          );
    this.#options.write(line);
  }
}

/** One object that stays JSON however long its fields are. What a field is called must not forge time or level. */
function jsonLine(
  head: { readonly time: string; readonly level: LogLevel; readonly message: string },
  fields: object,
): string {
  const entry = Object.assign({}, head, fields, head);
  const line = printable(toJson(entry));
  if (line.length <= LONGEST_LINE) return line;
  const short = printable(
    JSON.stringify(entry, (_key, value: unknown) => {
      const shown = plain(value);
      return typeof shown === 'string' ? shortened(shown, LONGEST_TEXT) : shown;
    }),
  );
  if (short.length <= LONGEST_LINE) return short;
  const bare = { ...head, message: shortened(head.message, LONGEST_TEXT), shortened: true };
  return printable(JSON.stringify(bare));
}

const shortened = (text: string, length: number) => (text.length > length ? `${text.slice(0, length)}…` : text);

function toJson(entry: object): string {
  try {
    return JSON.stringify(entry, (_key, value: unknown) => plain(value));
  } catch {
    return JSON.stringify({
      level: 'error',
      message: 'a log entry could not be written: its context is no plain data',
    });
  }
}

function toText(fields: object): string {
  const parts = Object.entries(fields).map(([key, value]: [string, unknown]) => {
    const text = typeof value === 'string' ? value : toJson({ value }).slice(9, -1);
    return ` ${key}=${/\s/.test(text) ? JSON.stringify(text) : text}`;
  });
  return parts.join('');
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Error ? { name: value.name, message: value.message } : value;
}
