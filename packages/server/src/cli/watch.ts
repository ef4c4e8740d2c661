import { StreamClient, type StreamRecord } from '@hyphae/client';
import { SystemClock } from '@hyphae/core';
import { WebSocket } from 'ws';
import { locate } from '../daemon/locate.js';
import { NodeAbsentError } from './errors.js';
import { LiveArea } from './live-area.js';
import type { CommandContext } from './main.js';
import { nodeAccess } from './node-access.js';
import type { Terminal } from './terminal.js';
import { valueTable } from './value-table.js';

/** Options of `hyphae watch`. */
export interface WatchOptions {
  readonly selectors: readonly string[];
  readonly configFile: string | undefined;
  readonly json: boolean;
  readonly forMs: number | undefined;
  readonly count: number | undefined;
  readonly url: string | undefined;
}

const REDRAW_MS = 250;

/**
 * Shows the channels of a running node until it is told to stop: a table in a terminal, otherwise a line for each update.
 * With `--count`, ending before that many came is a failure.
 *
 * @throws HYP_NODE_ABSENT, HYP_TOKEN_FILE, HYP_TOKEN_MISSING
 */
export async function watch({ terminal, env, cwd }: CommandContext, options: WatchOptions): Promise<void> {
  const { dataDir } = locate({ configFile: options.configFile, env, cwd });
  const access = await nodeAccess(dataDir, env, options.url);
  const clock = new SystemClock();
  const client = new StreamClient({
    ...access,
    name: 'hyphae watch',
    WebSocket: WebSocket, // the same four members, typed with ws's own events
  });
  let opened = false;
  let over = false;
  const abort = new AbortController();
  const stop = () => abort.abort();
  let failure: Error | undefined;
  client.onState = (state, why) => {
    if (state === 'open') {
      if (opened) terminal.note('connected again');
      opened = true;
    } else if (why && !over && !abort.signal.aborted && (!opened || state === 'closed')) {
      failure = new NodeAbsentError({ what: access.url, why: why.message }, { cause: why });
      stop();
    } else if (state === 'waiting') terminal.note('the connection is lost; trying again');
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const onTime = () => {
    if (!opened) failure ??= new NodeAbsentError({ what: access.url, why: 'it did not answer in time' });
    stop();
  };
  const timer = options.forMs === undefined ? undefined : clock.timer('watch', options.forMs, onTime);
  const view = terminal.live && !options.json ? new TableView(terminal, clock) : new LineView(terminal, options.json);
  let left = options.count ?? Infinity;
  try {
    await using subscription = client.subscribe(options.selectors, { mode: terminal.live ? 'latest' : 'lossless' });
    abort.signal.addEventListener('abort', () => void client[Symbol.asyncDispose]());
    for await (const event of subscription) {
      if (event.type === 'lost') {
        terminal.note(`${event.lost.to - event.lost.from} records are lost (${event.why})`);
        continue;
      }
      for (const record of event.records) {
        if (left-- <= 0) break;
        view.show(record);
      }
      if (left <= 0) break;
    }
  } finally {
    over = true;
    timer?.[Symbol.dispose]();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    view[Symbol.dispose]();
    await client[Symbol.asyncDispose]();
  }
  if (failure) throw failure;
  if (options.count !== undefined && left > 0) process.exitCode = 1;
}

interface View extends Disposable {
  show(record: StreamRecord): void;
}

/** One line per update: time, path, value, unit, quality. */
class LineView implements View {
  constructor(
    private readonly terminal: Terminal,
    private readonly json: boolean,
  ) {}

  show(record: StreamRecord): void {
    if (this.json) return this.terminal.out(JSON.stringify(record));
    const { at, path, value, unit, quality, simulated } = record;
    const mark = simulated ? `${quality} sim` : quality;
    this.terminal.out(`${new Date(at).toISOString()} ${path} ${value === null ? '-' : value} ${unit} ${mark}`);
  }

  [Symbol.dispose](): void {}
}

/** The last value of each channel, drawn a few times a second at most. */
class TableView implements View {
  readonly #rows = new Map<string, StreamRecord>();
  readonly #area: LiveArea;
  readonly #timer: () => void;
  #armed: Disposable | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly clock: SystemClock,
  ) {
    this.#area = new LiveArea(terminal);
    this.#timer = () => {
      this.#draw();
      this.#arm();
    };
    this.#arm();
  }

  show(record: StreamRecord): void {
    this.#rows.set(record.path, record);
  }

  [Symbol.dispose](): void {
    this.#armed?.[Symbol.dispose]();
    this.#draw();
  }

  #arm(): void {
    this.#armed = this.clock.timer('redraw', REDRAW_MS, this.#timer);
  }

  #draw(): void {
    const { width, height, paint } = this.terminal;
    this.#area.draw(valueTable([...this.#rows.values()], { now: this.clock.now(), width, height: height - 2, paint }));
  }
}
