import { SeededRandom } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { codeOf } from '../testing/fixture.js';
import type { ByteTransport } from './byte-transport.js';
import { FramedPort, type FramedPortOptions } from './framed-port.js';
import { delimited, fixedLength, marked } from './framing.js';

const NEWLINE = 0x0a;
const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const text = (frame: Uint8Array | undefined) => String.fromCharCode(...(frame ?? []));
const LINE = delimited(NEWLINE);

/** A wire whose far end is the test. */
class Wire implements ByteTransport {
  readonly name = '/dev/ttyS0';
  readonly written: string[] = [];
  /** What the far end does with a request. */
  answer: (request: string) => void = () => {};
  writing: () => Promise<void> = () => Promise.resolve();
  flushing: () => Promise<void> = () => Promise.resolve();
  deliver: (bytes: Uint8Array) => void = () => {};
  close: (why: string) => void = () => {};

  async write(request: Uint8Array): Promise<void> {
    this.written.push(text(request));
    this.answer(text(request));
    await this.writing();
  }

  discard(): Promise<void> {
    return this.flushing();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.deliver = listener;
  }

  onClose(listener: (why: string) => void): void {
    this.close = listener;
  }

  say(words: string): void {
    this.deliver(bytes(words));
  }
}

function rig(options: Partial<FramedPortOptions> = {}) {
  const clock = new VirtualClock();
  const wire = new Wire();
  const port = new FramedPort(wire, { clock, ...options });
  const ask = (request: string, timeout = 1000) => port.exchange(bytes(request), LINE, { timeout }).then(text, codeOf);
  return { clock, wire, port, ask };
}

test('the timeout of an exchange counts from its turn, and nothing is left armed', async (t) => {
  const { clock, wire, ask } = rig({ quiet: 0 });
  const answers = Promise.all([ask('a', 300), ask('b', 300), ask('c', 300)]);
  await clock.advance(599);
  t.deepEqual(wire.written, ['a', 'b']);
  t.deepEqual(await clock.run(answers), Array(3).fill('HYP_SERIAL_TIMEOUT'));
  t.is(clock.monotonic(), 900);
  t.deepEqual(clock.waiting, []);
});

test('an answer that comes late is not the answer to the next request', async (t) => {
  const { clock, wire, ask } = rig();
  wire.answer = (request) =>
    void clock.timer('far end', request === 'slow' ? 110 : 5, () => wire.say(`to ${request}\n`));
  t.deepEqual(await clock.run(Promise.all([ask('slow', 100), ask('fast', 100)])), ['HYP_SERIAL_TIMEOUT', 'to fast\n']);
});

test('a line that does not become quiet delays the next exchange only so long', async (t) => {
  const { clock, wire, ask } = rig({ quiet: 20 });
  const chatter = () => void clock.timer('chatter', 15, () => (wire.say('x'), chatter()));
  chatter();
  const answers = Promise.all([ask('a', 100), ask('b', 100)]);
  await clock.advance(350);
  t.deepEqual(wire.written, ['a', 'b']);
  await clock.run(answers);
  t.is(clock.monotonic(), 400);
});

test('frames that do not answer the request are skipped where the caller can tell', async (t) => {
  const { clock, wire, port } = rig();
  wire.answer = () => wire.say('A1\nB2\nA3\n');
  const frame = port.exchange(bytes('?'), LINE, { timeout: 100, accept: ([letter]) => letter === 0x42 });
  t.is(text(await clock.run(frame)), 'B2\n');
});

test('an exchange whose signal aborts while it waits for its turn is never sent', async (t) => {
  const { clock, wire, port, ask } = rig();
  const stop = new AbortController();
  const first = ask('first', 50);
  const second = port.exchange(bytes('second'), LINE, { timeout: 50, signal: stop.signal });
  stop.abort(new Error('no longer wanted'));
  t.is((await t.throwsAsync(second))?.message, 'no longer wanted');
  await clock.run(first);
  const third = port.exchange(bytes('third'), LINE, { timeout: 50, signal: stop.signal });
  t.is((await t.throwsAsync(third))?.message, 'no longer wanted');
  wire.answer = () => wire.say('here\n');
  t.is(await clock.run(ask('fourth', 50)), 'here\n');
  t.deepEqual(wire.written, ['first', 'fourth']);
  t.deepEqual(clock.waiting, []);
});

test('an exchange whose signal aborts while it waits for its answer ends then', async (t) => {
  const { clock, port } = rig();
  const stop = new AbortController();
  const asked = port.exchange(bytes('?'), LINE, { timeout: '1 h', signal: stop.signal });
  await clock.advance(10);
  stop.abort(new Error('stopping'));
  t.is((await t.throwsAsync(asked))?.message, 'stopping');
  t.deepEqual(clock.waiting, []);
});

test('a write that does not end is given up', async (t) => {
  const { clock, wire, port, ask } = rig();
  wire.writing = () => new Promise(() => {});
  const answers = Promise.all([port.write(bytes('x')).then(String, codeOf), ask('?', 100)]);
  t.deepEqual(await clock.run(answers), ['HYP_SERIAL_TIMEOUT', 'HYP_SERIAL_TIMEOUT']);
  t.is(clock.monotonic(), 10_100);
});

test('bytes that still go out after their write was given up are waited for, and never mixed with others', async (t) => {
  const { clock, wire, port, ask } = rig({ writeDeadline: '1 s' });
  let sent = () => {};
  wire.writing = () => new Promise((resolve) => (sent = resolve));
  t.is(codeOf(await t.throwsAsync(clock.run(port.write(bytes('long'))))), 'HYP_SERIAL_TIMEOUT');
  t.is(await clock.run(ask('given up', 100)), 'HYP_SERIAL_TIMEOUT');
  const asked = ask('?', 100);
  await clock.advance(50);
  t.deepEqual(wire.written, ['long']);
  wire.writing = () => Promise.resolve();
  wire.answer = () => wire.say('here\n');
  sent();
  t.is(await clock.run(asked), 'here\n');
  t.deepEqual(wire.written, ['long', '?']);
});

test('a discard that does not end is given up, and the port is not lost', async (t) => {
  const { clock, wire, port, ask } = rig();
  wire.answer = () => wire.say('here\n');
  wire.flushing = () => new Promise(() => {});
  t.is(await clock.run(ask('?', 100)), 'HYP_SERIAL_TIMEOUT');
  t.is(clock.monotonic(), 100);
  const stop = new AbortController();
  const aborted = port.exchange(bytes('?'), LINE, { timeout: '1 h', signal: stop.signal });
  await clock.advance(1);
  stop.abort(new Error('stopping'));
  t.is((await t.throwsAsync(aborted))?.message, 'stopping');
  t.is(codeOf(await t.throwsAsync(clock.run(port.discard()))), 'HYP_SERIAL_TIMEOUT');
  t.deepEqual(wire.written, []);
  wire.flushing = () => Promise.resolve();
  t.is(await clock.run(ask('?', 100)), 'here\n');
  wire.flushing = () => new Promise(() => {});
  const last = port.exchange(bytes('?'), LINE, { timeout: '1 h' });
  await clock.advance(1);
  port[Symbol.dispose]();
  t.is(codeOf(await t.throwsAsync(last)), 'HYP_DISPOSED');
  t.deepEqual(clock.waiting, []);
});

test('a write that fails is the failure of its exchange', async (t) => {
  const { clock, wire, ask } = rig();
  wire.writing = () => Promise.reject(new Error('EIO'));
  t.is(await clock.run(ask('?')), 'Error: EIO');
});

test('64 KiB without a frame are dropped and reported, and reading goes on', async (t) => {
  const { clock, wire, port, ask } = rig();
  wire.answer = () => wire.deliver(new Uint8Array(70_000));
  t.is(await clock.run(ask('?')), 'HYP_SERIAL_OVERFLOW');
  t.is(port.dropped, 65_536);
  wire.answer = () => wire.say('fine\n');
  t.is(await clock.run(ask('?')), 'fine\n');
});

test('what nobody reads is bounded, and its loss is reported to the next reader of frames', async (t) => {
  const { clock, wire, port } = rig({ limit: 100 });
  for (let i = 0; i < 30; i++) wire.say('12345678\n');
  t.true(port.buffered <= 100);
  const first = port.frames(LINE)[Symbol.asyncIterator]();
  t.is(codeOf(await t.throwsAsync(clock.run(first.next()))), 'HYP_SERIAL_OVERFLOW');
  const second = port.frames(LINE)[Symbol.asyncIterator]();
  wire.say('\nnew\n');
  let frame = '';
  while (frame !== 'new\n') frame = text((await clock.run(second.next())).value as Uint8Array);
  t.pass();
});

test('a frame that came after what was lost is for the reader who goes on', async (t) => {
  const { clock, wire, port } = rig({ limit: 20 });
  wire.deliver(new Uint8Array(20));
  wire.say('whole\n');
  t.is(codeOf(await t.throwsAsync(clock.run(port.frames(LINE)[Symbol.asyncIterator]().next()))), 'HYP_SERIAL_OVERFLOW');
  const next = port.frames(LINE)[Symbol.asyncIterator]().next();
  wire.say('later\n');
  t.is(text((await clock.run(next)).value as Uint8Array), 'whole\n');
});

test('a million bytes of garbage neither grow the port nor hide the frames in it', async (t) => {
  const { clock, wire, port } = rig({ limit: 4096 });
  const random = new SeededRandom(7);
  const frames = port.frames(marked([0xff, 0x86], 9))[Symbol.asyncIterator]();
  const frame = Uint8Array.of(0xff, 0x86, 1, 2, 3, 4, 5, 6, 7);
  let found = 0;
  for (let sent = 0; sent < 1_000_000;) {
    const next = frames.next();
    // Garbage without a mark, in pieces of any size, then a frame.
    for (let pieces = 0; pieces < 20; pieces++) {
      const piece = Uint8Array.from({ length: 1 + Math.floor(random.next() * 200) }, () => random.next() * 255);
      wire.deliver(piece);
      sent += piece.length;
    }
    wire.deliver(frame);
    t.true(port.buffered <= 4096);
    const { value } = (await clock.run(next)) as { value: Uint8Array };
    if (text(value) === text(frame)) found++;
  }
  t.true(found > 400);
  t.is(port.dropped, 0);
});

test('a framing that throws is the failure of who used it, and the next one starts afresh', async (t) => {
  const { clock, wire, port, ask } = rig();
  wire.answer = () => wire.say('bad\n');
  const strict = () => {
    throw new Error('checksum');
  };
  const error = await t.throwsAsync(clock.run(port.exchange(bytes('?'), strict, { timeout: 100 })));
  t.is(error?.message, 'checksum');
  wire.answer = () => wire.say('good\n');
  t.is(await clock.run(ask('?')), 'good\n');
});

test('what a reader of frames could not cut is dropped: reading again goes on with what comes then', async (t) => {
  const { clock, wire, port } = rig();
  const strict = (arrived: Uint8Array) => {
    if (arrived[0] === 0x21) throw new Error('checksum');
    return LINE(arrived);
  };
  wire.say('!bad\n');
  await t.throwsAsync(clock.run(port.frames(strict)[Symbol.asyncIterator]().next()), { message: 'checksum' });
  wire.say('good\n');
  const again = port.frames(strict)[Symbol.asyncIterator]();
  t.is(text((await clock.run(again.next())).value as Uint8Array), 'good\n');
});

test('a framing that gives no number of bytes is HYP_SERIAL_FRAMING', async (t) => {
  const { clock, wire, port } = rig();
  wire.answer = () => wire.say('x');
  for (const found of [NaN, 0.5, Infinity]) {
    const error = await t.throwsAsync(clock.run(port.exchange(bytes('?'), () => found, { timeout: 100 })));
    t.is(codeOf(error), 'HYP_SERIAL_FRAMING');
  }
});

test('one reader of frames at a time', async (t) => {
  const { clock, wire, port } = rig();
  const stop = new AbortController();
  const first = port.frames(LINE, { signal: stop.signal })[Symbol.asyncIterator]();
  const waiting = first.next();
  const second = port.frames(LINE)[Symbol.asyncIterator]().next();
  t.is(codeOf(await t.throwsAsync(second)), 'HYP_SERIAL_IN_USE');
  stop.abort();
  t.true((await waiting).done);
  wire.say('for the next\n');
  const third = port.frames(LINE)[Symbol.asyncIterator]();
  t.is(text((await clock.run(third.next())).value as Uint8Array), 'for the next\n');
});

test('frames and exchanges on one port: the answer goes to the exchange, what follows to the reader', async (t) => {
  const { clock, wire, port, ask } = rig();
  const frames = port.frames(LINE)[Symbol.asyncIterator]();
  const unasked = frames.next();
  wire.answer = () => wire.say('answer\nnews\n');
  t.is(await clock.run(ask('?')), 'answer\n');
  t.is(text((await clock.run(unasked)).value as Uint8Array), 'news\n');
});

test('a reader meets what came before the end of the port, then the end', async (t) => {
  const { clock, wire, port } = rig();
  const frames = port.frames(LINE)[Symbol.asyncIterator]();
  wire.say('last\n');
  t.is(text((await clock.run(frames.next())).value as Uint8Array), 'last\n');
  const next = frames.next();
  wire.close('unplugged');
  wire.close('twice');
  t.like(await t.throwsAsync(next), { code: 'HYP_SERIAL_CLOSED', context: { port: '/dev/ttyS0', why: 'unplugged' } });
});

test('more calls than can wait are refused', async (t) => {
  const { clock, ask } = rig({ quiet: 0 });
  const answers = await clock.run(Promise.all(Array.from({ length: 260 }, () => ask('?', 1))));
  t.is(answers.filter((answer) => answer === 'HYP_SERIAL_QUEUE').length, 3);
});

test('discarding throws away what has arrived', async (t) => {
  const { clock, wire, port } = rig();
  wire.say('old\n');
  await clock.run(port.discard());
  t.is(port.buffered, 0);
});

test('a frame is a copy: later bytes do not change it', async (t) => {
  const { clock, wire, port } = rig();
  const frames = port.frames(fixedLength(3))[Symbol.asyncIterator]();
  wire.say('abc');
  const frame = (await clock.run(frames.next())).value as Uint8Array;
  wire.say('xyz');
  t.is(text(frame), 'abc');
});
