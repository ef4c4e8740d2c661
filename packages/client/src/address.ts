const PATH = '/api/v1/stream';

/** The stream's address of a node: `http://host:port`, `ws://host:port` and the whole address are understood. */
export function streamAddress(url: string): string {
  const base = url.replace(/^http/, 'ws').replace(/\/+$/, '');
  return base.endsWith(PATH) ? base : `${base}${PATH}`;
}

/** Milliseconds a server that is shutting down asks to stay away, from the reason it closed with; at most a minute. */
export function staysAwayMs(reason: string): number {
  try {
    const { afterMs } = JSON.parse(reason) as { afterMs?: unknown };
    return typeof afterMs === 'number' && afterMs > 0 ? Math.min(afterMs, 60_000) : 0;
  } catch {
    return 0;
  }
}
