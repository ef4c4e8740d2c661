import test, { type ExecutionContext } from 'ava';
import { delimited, fixedLength } from '../serial/framing.js';
import { serialPort } from '../serial/serial-port.js';
import { Bench, codeOf, type HalFixture } from './fixture.js';

/** A port whose far end the test holds. */
export interface SerialFixture extends HalFixture {
  /** Full address of the port. */
  readonly port: string;
  /** Called with what the host sends, in pieces of any size. The suite sets it. */
  onReceive: (bytes: Uint8Array) => void;
  /** Sends from the far end. */
  send(bytes: Uint8Array): Promise<void>;
  /** The far end is gone: unplugged, hung up. */
  hangUp(): Promise<void>;
}

const NEWLINE = 0x0a;
const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytes = (line: string) => Uint8Array.from(line, (letter) => letter.charCodeAt(0));

/** Declares the tests that every provider of serial ports has to pass. @param open makes a fresh fixture for each test */
export function serialConformance(provider: string, open: () => Promise<SerialFixture>): void {
  const need = serialPort({ baudRate: 9600 });
  const declare = (title: string, run: (t: ExecutionContext, fixture: SerialFixture, bench: Bench) => Promise<void>) =>
    test.serial(`${provider} serial: ${title}`, async (t) => {
      const fixture = await open();
      await using bench = new Bench(fixture);
      await run(t, fixture, bench);
    });
  /** Makes the far end answer each line. */
  const answer = (fixture: SerialFixture, reply: (line: string) => string | undefined) => {
    let received = '';
    fixture.onReceive = (part) => {
      received += text(part);
      for (let end = received.indexOf('\n'); end >= 0; end = received.indexOf('\n')) {
        const say = reply(received.slice(0, end));
        received = received.slice(end + 1);
        if (say !== undefined) void fixture.send(bytes(`${say}\n`));
      }
    };
  };

  declare('what is written arrives', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    let received = '';
    fixture.onReceive = (part) => (received += text(part));
    await fixture.run(port.write(bytes('hello')));
    await bench.wait(50);
    t.is(received, 'hello');
    t.is(port.name, fixture.port);
  });

  declare('all values of a byte pass both ways', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    let received: number[] = [];
    fixture.onReceive = (part) => {
      received = [...received, ...part];
      if (received.length === all.length) void fixture.send(Uint8Array.from(received).reverse());
    };
    const frame = await fixture.run(port.exchange(all, fixedLength(256), { timeout: '5 s' }));
    t.deepEqual([...frame], [...all].reverse());
  });

  declare('an exchange gives the answer', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    answer(fixture, (line) => `answer to ${line}`);
    const frame = await fixture.run(port.exchange(bytes('one\n'), delimited(NEWLINE), { timeout: '2 s' }));
    t.is(text(frame), 'answer to one\n');
  });

  declare('exchanges made together get each its own answer', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    answer(fixture, (line) => `answer to ${line}`);
    const frames = await fixture.run(
      Promise.all(
        ['one', 'two', 'three'].map((word) =>
          port.exchange(bytes(`${word}\n`), delimited(NEWLINE), { timeout: '2 s' }),
        ),
      ),
    );
    t.deepEqual(frames.map(text), ['answer to one\n', 'answer to two\n', 'answer to three\n']);
  });

  declare('an answer may come in pieces', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    fixture.onReceive = () =>
      void (async () => {
        for (const piece of ['an', 'swer', '\n']) {
          await fixture.send(bytes(piece));
          await fixture.clock.sleep(20, { name: 'far end' });
        }
      })();
    const frame = await fixture.run(port.exchange(bytes('?'), delimited(NEWLINE), { timeout: '2 s' }));
    t.is(text(frame), 'answer\n');
    await bench.wait(50);
  });

  declare('no answer is HYP_SERIAL_TIMEOUT, and the port goes on', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    answer(fixture, (line) => (line === 'mute' ? undefined : line));
    const failure = await bench.failure(port.exchange(bytes('mute\n'), delimited(NEWLINE), { timeout: 100 }));
    t.is(codeOf(failure), 'HYP_SERIAL_TIMEOUT');
    t.is(text(await fixture.run(port.exchange(bytes('hi\n'), delimited(NEWLINE), { timeout: '2 s' }))), 'hi\n');
  });

  declare('what came before a request is not its answer', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    answer(fixture, (line) => line);
    await fixture.send(bytes('stale\n'));
    await bench.wait(50);
    t.is(text(await fixture.run(port.exchange(bytes('new\n'), delimited(NEWLINE), { timeout: '2 s' }))), 'new\n');
  });

  declare('frames of a device that talks unasked arrive in order, until the signal', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    const stop = new AbortController();
    const frames = port.frames(delimited(NEWLINE), { signal: stop.signal })[Symbol.asyncIterator]();
    await fixture.send(bytes('one\ntwo\nth'));
    t.is(text((await fixture.run(frames.next())).value as Uint8Array), 'one\n');
    await fixture.send(bytes('ree\n'));
    t.is(text((await fixture.run(frames.next())).value as Uint8Array), 'two\n');
    t.is(text((await fixture.run(frames.next())).value as Uint8Array), 'three\n');
    const next = frames.next();
    stop.abort();
    t.true((await fixture.run(next)).done);
  });

  declare('a far end that is gone is HYP_SERIAL_CLOSED for all who wait', async (t, fixture, bench) => {
    const port = await bench.claim(need, fixture.port);
    const waiting = ['one', 'two'].map((word) =>
      bench.failure(port.exchange(bytes(word), delimited(NEWLINE), { timeout: '5 s' })),
    );
    await fixture.hangUp();
    t.deepEqual((await Promise.all(waiting)).map(codeOf), ['HYP_SERIAL_CLOSED', 'HYP_SERIAL_CLOSED']);
    t.is(codeOf(await bench.failure(port.write(bytes('x')))), 'HYP_SERIAL_CLOSED');
  });

  declare('the handle ends with its claim, and the port can be claimed again', async (t, fixture, bench) => {
    const life = bench.life.child('first');
    const first = await bench.claim(need, fixture.port, life);
    const waiting = bench.failure(first.exchange(bytes('?'), delimited(NEWLINE), { timeout: '5 s' }));
    await fixture.run(life[Symbol.asyncDispose]());
    t.is(codeOf(await waiting), 'HYP_DISPOSED');
    t.is(codeOf(await bench.failure(first.write(bytes('x')))), 'HYP_DISPOSED');
    const second = await bench.claim(need, fixture.port);
    answer(fixture, (line) => line);
    t.is(text(await fixture.run(second.exchange(bytes('hi\n'), delimited(NEWLINE), { timeout: '2 s' }))), 'hi\n');
  });
}
