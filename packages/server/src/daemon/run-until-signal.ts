import type { Clock, Logger } from '@hyphae/core';
import { isHyphaeError } from '@hyphae/core';
import type { EarlyHangUp } from './early-hang-up.js';
import { RejectionLog } from './rejection-log.js';
import { describe, type Daemon } from './start-daemon.js';

const STOP_DEADLINE = '9 s';
const CRASH_DEADLINE = '4 s';
const IMPATIENCE_MS = 1_000;

/** How a run ended, as the process's exit status. */
export type ExitStatus = 0 | 1;

/**
 * Runs a daemon until SIGINT or SIGTERM and stops it: outputs safe first, all within 10 s. SIGHUP reloads the configuration.
 * An exception nobody caught leaves the process in an unknown state: outputs go safe and it ends with status 1, for the
 * service manager to start it anew. A promise nobody handled is logged with who is likely to blame, and the node goes on.
 *
 * @param early a SIGHUP that came before is made up for once the node has started
 */
export async function runUntilSignal(
  daemon: Daemon,
  clock: Clock,
  log: Logger,
  early?: EarlyHangUp,
): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  let end: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => (end = resolve));

  const onSignal = (signal: NodeJS.Signals) => end(signal);
  const onHangUp = () => {
    log.info('reloading the configuration', { signal: 'SIGHUP' });
    daemon.reload().catch((error: unknown) => log.error('reloading failed', describe(error)));
  };
  const onException = (error: unknown) => {
    log.error('uncaught exception: outputs go safe, the process ends', {
      ...describe(error),
      ...blame(error),
      ...stackOf(error),
    });
    status = 1;
    end('uncaught exception');
  };
  const rejections = new RejectionLog(clock, log);
  const onRejection = (reason: unknown) => {
    const fields = { ...describe(reason), ...blame(reason) };
    rejections.add(JSON.stringify(fields), () => ({ ...fields, ...stackOf(reason) }));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onHangUp);
  if (early?.end() === true) daemon.started.then(onHangUp, () => {}); // why it did not start is logged
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  try {
    const reason = await ended;
    log.info('stopping', { reason });
    // A second Ctrl+C is somebody's impatience: it ends the process at once. One that comes right behind the first is the same
    // key press, sent by the terminal and by a parent process.
    const impatient = clock.monotonic() + IMPATIENCE_MS;
    process.on('SIGINT', () => {
      if (clock.monotonic() > impatient) process.exit(1);
    });
    const stopped = await stopWithin(daemon, clock, status === 0 ? STOP_DEADLINE : CRASH_DEADLINE, log);
    return stopped ? status : 1;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.off('SIGHUP', onHangUp);
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
    rejections[Symbol.dispose]();
  }
}

async function stopWithin(daemon: Daemon, clock: Clock, deadline: '9 s' | '4 s', log: Logger): Promise<boolean> {
  let timer: Disposable | undefined;
  const late = new Promise<false>((resolve) => {
    timer = clock.timer('stop', deadline, () => {
      log.error('not everything stopped in time', { deadline });
      resolve(false);
    });
  });
  const stopping = daemon[Symbol.asyncDispose]().then(
    () => true,
    (error: unknown) => {
      log.error('not everything stopped cleanly', describe(error));
      return false;
    },
  );
  const stopped = await Promise.race([stopping, late]);
  timer?.[Symbol.dispose]();
  return stopped;
}

/** The instance or the package an error most likely comes from. */
export function blame(error: unknown): { readonly instance?: string; readonly package?: string } {
  if (isHyphaeError(error) && typeof error.context['instance'] === 'string')
    return { instance: error.context['instance'] };
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // Only what lies below the error is looked at: the innermost frame of a package that is not ours.
  for (const [, name = ''] of stack.matchAll(/[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/g)) {
    if (!name.startsWith('@hyphae')) return { package: name.replace('\\', '/') };
  }
  return {};
}

function stackOf(error: unknown): { readonly stack?: string } {
  const stack =
    error instanceof Error ? error.stack?.split('\n').slice(1, 8).join(' ').replace(/\s+/g, ' ') : undefined;
  return stack === undefined ? {} : { stack };
}
