import type { Delta } from '@hyphae/client';
import { SystemClock } from '@hyphae/core';
import type { LogRecord } from '@hyphae/core/store';
import type { VirtualClock } from '@hyphae/core/testing';
import type { Rig, TestClient } from './rig.test.helper.js';

/** A record of the log as the stream sends it. */
export const wireRow = ({ q, handle, value, at, quality }: LogRecord) => [q, handle, value, at, quality];

/** Lets real sockets do what they have to, then moves the clock. */
export async function pass(clock: VirtualClock, ms: number): Promise<void> {
  await breathe();
  await clock.advance(ms);
  await breathe();
}

const real = new SystemClock();
const breathe = () => real.sleep(20);

/** Looks again and again, at the pace of real sockets, until a condition holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (await holds()) return;
    await real.sleep(5);
  }
  throw new Error(`${what}: it never came to that`);
}

/** The value of a metric without labels, by its name after `hyphae_stream_`. */
export async function metric(rig: Rig, name: string): Promise<number> {
  const text = await (await rig.fetch('/metrics')).text();
  return Number(new RegExp(`^hyphae_stream_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** The frames of one subscription. */
export function framesOf(client: TestClient, sub: number): Delta[] {
  return client.all('d').filter((frame) => frame.sub === sub);
}

/** Acknowledges every frame as it comes, for as long as the connection lasts. */
export function acknowledge(client: TestClient): void {
  client.socket.on('message', () => {
    const last = client.received.at(-1);
    if (last?.t === 'd') client.send({ t: 'ack', sub: last.sub, q: last.to });
  });
}
