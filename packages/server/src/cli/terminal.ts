import { type HyphaeError, isHyphaeError } from '@hyphae/core';
import { problemsOf } from '../config/problem.js';
import { printable, STYLES } from '../daemon/printable.js';

/**
 * Where a command writes, and what it may write there. Lines may hold what others wrote: their control characters are shown,
 * not carried out.
 */
export interface Terminal {
  /** One line of the result. */
  out(line?: string): void;
  /** One line for the person at the terminal: notes, progress, errors. */
  note(line?: string): void;
  /** Text as it is, to standard output. Nothing that others wrote. */
  raw(text: string): void;
  /** Whether standard output is a terminal: a live picture makes sense only there. */
  readonly live: boolean;
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
}

/** Wraps text in a colour, or leaves it as it is. */
export type Paint = (style: keyof typeof STYLES, text: string) => string;

/** The process's own terminal. A reader that goes away (`| head`) ends the program quietly. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  let gone = false;
  for (const stream of [stdout, stderr]) {
    // Also a terminal that was closed (EIO). Throwing here would be reported to the same stream, again and again.
    stream.on('error', () => {
      if (gone) return;
      gone = true;
      // A running node stops in order, outputs safe first; anything else has nobody left to talk to.
      if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM', 'SIGTERM');
      else process.exit();
    });
  }
  const live = stdout.isTTY === true && env['TERM'] !== 'dumb';
  const wanted = env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === '';
  // Each stream by itself: one of them may be a file.
  const coloursOf = ({ isTTY }: { readonly isTTY: boolean }): 'keep' | 'drop' => (wanted && isTTY ? 'keep' : 'drop');
  const [outColours, noteColours] = [coloursOf(stdout), coloursOf(stderr)];
  const colours = outColours === 'keep' || noteColours === 'keep';
  return {
    out: (line = '') => void stdout.write(`${printable(line, outColours)}\n`),
    note: (line = '') => void stderr.write(`${printable(line, noteColours)}\n`),
    raw: (text) => void stdout.write(text),
    live,
    get width() {
      return stdout.columns ?? 100;
    },
    get height() {
      return stdout.rows ?? 40;
    },
    paint: (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
  };
}

/** What a failure looks like to a program. */
export function errorJson(error: unknown): object {
  if (!isHyphaeError(error)) return { code: 'HYP_INTERNAL', message: messageOf(error) };
  const remedy = remedyOf(error);
  const { code, message } = error;
  return { code, message, ...(remedy === undefined ? {} : { remedy }) };
}

/** What a failure looks like to a person: what happened, with its code, and what can be done. */
export function explain(error: unknown, paint: Paint): readonly string[] {
  if (!isHyphaeError(error)) {
    const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 4) : [];
    return [`${paint('red', 'hyphae:')} unexpected error: ${messageOf(error)}`, ...stack];
  }
  const remedy = remedyOf(error);
  const advice = remedy === undefined ? [] : [`  → ${remedy}`];
  const problems = problemsOf(error);
  if (problems.length === 0) return [`${paint('red', `${error.code}:`)} ${error.message}`, ...advice];
  const texts = error.context['problems'] as readonly string[]; // configInvalid() makes both lists
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [
    `${paint('red', `${error.code}:`)} ${count} in the configuration`,
    ...texts.map((text) => `  ${text}`),
    ...advice,
  ];
}

function remedyOf(error: HyphaeError): string | undefined {
  const { remedy } = error.constructor as { readonly remedy?: unknown }; // a row of the catalogue has one
  return typeof remedy === 'string' ? remedy : undefined;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
