import { createRequire } from 'node:module';

/** A function that reaches past the clock or the seeded generator of a run, and where it is kept. */
export interface Door {
  readonly what: string;
  /** What a plugin uses instead. */
  readonly use: string;
  readonly holder: object;
  readonly key: string;
}

const WALL = 'clock.now() of the context';
const STEADY = 'clock.monotonic() of the context';
const LATER = 'clock.timer() or clock.sleep() of the context';
const CHANCE = 'random of the context';

const require = createRequire(import.meta.url);

/**
 * All doors there are in this version of Node. Modules of Node are taken as objects, which their named imports follow.
 * Not among them: `Intl.DateTimeFormat` without a date, and whatever runs in a worker or another context.
 */
export function doors(): readonly Door[] {
  // What Node documents of its own modules.
  const timers = require('node:timers') as object;
  const waits = require('node:timers/promises') as { readonly scheduler: object };
  const { performance } = require('node:perf_hooks') as { readonly performance: object };
  const crypto = require('node:crypto') as { readonly webcrypto: object };
  const door = (what: string, holder: object, use: string): Door => {
    const key = what.replace(/^new |\(\)$/g, '').replace(/^.*\./, '');
    return { what, use, holder: owner(holder, key), key };
  };
  const delays = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => [name, LATER] as const);
  return [
    door('Date.now', Date, WALL),
    door('new Date()', globalThis, WALL),
    { ...door('new Date()', globalThis, WALL), holder: Date.prototype, key: 'constructor' },
    door('performance.now', performance, STEADY),
    door('process.hrtime.bigint', process.hrtime, STEADY),
    door('process.hrtime', process, STEADY),
    door('process.uptime', process, STEADY),
    ...delays.map(([name, use]) => door(name, globalThis, use)),
    ...delays.map(([name, use]) => door(name, timers, use)),
    ...delays.map(([name, use]) => door(`timers/promises.${name}`, waits, use)),
    door('scheduler.wait', waits.scheduler, LATER),
    door('AbortSignal.timeout', AbortSignal, LATER),
    door('Math.random', Math, CHANCE),
    door('crypto.randomUUID', crypto.webcrypto, CHANCE),
    door('crypto.getRandomValues', crypto.webcrypto, CHANCE),
    ...['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync'].map((name) =>
      door(`crypto.${name}`, crypto, CHANCE),
    ),
  ];
}

/** The object itself or the prototype that has the property. */
function owner(object: object, key: string): object {
  for (let at: object | null = object; at; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, key)) return at;
  }
  return object;
}
