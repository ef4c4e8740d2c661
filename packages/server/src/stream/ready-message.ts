import type { Ready } from '@hyphae/client';
import type { Identity } from '../auth/token-store.js';
import type { StreamContext } from './stream-context.js';

/** What a client that has shown who it is learns about the node. */
export function readyMessage(context: StreamContext, who: Identity): Ready {
  const { node, hub, clock, limits } = context;
  return {
    t: 'ready',
    node,
    epoch: hub.epoch,
    head: hub.head,
    durable: context.durable(),
    now: { wall: clock.now(), mono: clock.monotonic() },
    scopes: who.scopes,
    limits: {
      messageBytes: limits.messageBytes,
      subs: limits.subs,
      selectors: limits.selectors,
      channelsPerSub: limits.channelsPerSub,
      windowBytes: limits.windowBytes,
      windowFrames: limits.windowFrames,
      messagesPerSecond: limits.messagesPerSecond,
      commandsInFlight: limits.commandsInFlight,
    },
    hbMs: limits.heartbeatMs,
    caps: ['batch', 'lease'],
  };
}
