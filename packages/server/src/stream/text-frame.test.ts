import type { Writable } from 'node:stream';
import test from 'ava';
import * as ws from 'ws';
import { textFrame } from './text-frame.js';

/** The library's own reader of frames; its types leave it out. */
const { Receiver } = ws as unknown as {
  Receiver: new () => Writable & { once(event: 'message', listener: (data: Buffer) => void): void };
};

for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
  test(`a payload of ${length} bytes is read back by the WebSocket library`, async (t) => {
    const payload = 'ä'.repeat(length >> 1) + 'x'.repeat(length & 1);
    const receiver = new Receiver();
    const read = new Promise<Buffer>((resolve) => receiver.once('message', (data: Buffer) => resolve(data)));
    receiver.write(textFrame(payload, Buffer.from('[1]'), ']}'));
    t.is((await read).toString('utf8'), `${payload}[1]]}`);
  });
}
