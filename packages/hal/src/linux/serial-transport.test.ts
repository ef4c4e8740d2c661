import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { delimited } from '../serial/framing.js';
import { LinuxSerialPort } from './linux-serial-port.js';
import { serialOpenError } from './serial-errors.js';
import { deferPollEvents, stallsSerialport } from './serial-polling.js';
import { SerialTransport } from './serial-transport.js';

type Listener = (argument: never) => void;

/** Stands for serialport's class: what it does is what a pseudo-terminal was seen to do with the real one. */
class FakePort {
  static opened: FakePort[] = [];
  static refusal: Error | undefined;
  /** Opening does not end before {@link FakePort.finish}. */
  static slow = false;
  finish = () => {};
  isOpen = false;
  closes = 0;
  written: string[] = [];
  /** After an unplug a write's callback never comes. */
  deaf = false;
  readonly #listeners = new Map<string, Listener>();

  constructor(readonly options: Readonly<Record<string, unknown>>) {
    FakePort.opened.push(this);
  }

  open(done: (error: Error | null) => void): void {
    if (FakePort.refusal) return done(FakePort.refusal);
    this.finish = () => {
      this.isOpen = true;
      done(null);
    };
    if (!FakePort.slow) this.finish();
  }

  close(done: (error: Error | null) => void): void {
    this.closes++;
    if (!this.isOpen) return done(new Error('Port is not open'));
    this.isOpen = false;
    this.emit('close', null);
    done(null);
  }

  write(bytes: Buffer, done: (error?: Error) => void): boolean {
    this.written.push(bytes.toString('latin1'));
    if (!this.deaf) done();
    return true;
  }

  drain(done: (error: Error | null) => void): void {
    done(null);
  }

  flush(done: (error: Error | null) => void): void {
    done(null);
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  emit(event: 'data' | 'close' | 'error', argument: unknown): void {
    if (event === 'close') this.isOpen = false;
    this.#listeners.get(event)?.(argument as never); // the listener was registered for this event
  }
}

const load = async () => ({ SerialPort: FakePort });
const settings = { baudRate: 9600 };
// The tests share the list of opened ports, so they run one after the other and each begins anew.
test.serial.beforeEach(() => {
  FakePort.opened = [];
  FakePort.refusal = undefined;
  FakePort.slow = false;
});
const port = (index = 0) => {
  const found = FakePort.opened[index];
  if (!found) throw new Error(`no port was opened ${index + 1} times`);
  return found;
};

test.serial('a port is opened with the settings of the claim', async (t) => {
  const spec = { baudRate: 4800, dataBits: 7, parity: 'even', stopBits: 2 } as const;
  await SerialTransport.open('/dev/ttyUSB0', spec, new VirtualClock(), load);
  t.deepEqual(port().options, { path: '/dev/ttyUSB0', ...spec, autoOpen: false });
});

test.serial('a write whose callback never comes ends in time and takes the port with it', async (t) => {
  const clock = new VirtualClock();
  const transport = await SerialTransport.open('/dev/ttyUSB0', settings, clock, load);
  const reasons: string[] = [];
  transport.onClose((why) => reasons.push(why));
  port().deaf = true;
  const writing = transport.write(new Uint8Array(960)); // 1.2 s of bits, and 1 s of patience
  await t.throwsAsync(clock.run(writing), { code: 'HYP_SERIAL_CLOSED' });
  t.is(clock.monotonic(), 2200);
  t.is(reasons.length, 1);
  await t.throwsAsync(transport.write(Uint8Array.of(1)), { code: 'HYP_SERIAL_CLOSED' });
});

test.serial('the end is told once, however often the port says so', async (t) => {
  const transport = await SerialTransport.open('/dev/ttyUSB0', settings, new VirtualClock(), load);
  const reasons: string[] = [];
  transport.onClose((why) => reasons.push(why));
  port().emit('error', new Error('EIO: i/o error, read'));
  port().emit('close', Object.assign(new Error('bad file descriptor'), { disconnected: true }));
  port().emit('close', null);
  await transport[Symbol.asyncDispose]();
  await transport[Symbol.asyncDispose]();
  t.deepEqual(reasons, ['EIO: i/o error, read']);
  t.is(port().closes, 1);
});

test.serial('an unplugged port is opened again by itself, later and later, until the claim ends', async (t) => {
  const clock = new VirtualClock();
  const lifetime = new Lifetime('claim');
  const serial = await LinuxSerialPort.open('/dev/ttyUSB0', settings, clock, lifetime, load);
  const waiting = t.throwsAsync(serial.exchange(Uint8Array.of(1), delimited(10), { timeout: '10 s' }), {
    code: 'HYP_SERIAL_CLOSED',
  });
  await clock.advance(0);
  FakePort.refusal = new Error('Error: No such file or directory, cannot open /dev/ttyUSB0');
  port().emit('close', new Error('disconnected'));
  await waiting;
  await t.throwsAsync(serial.write(Uint8Array.of(1)), { code: 'HYP_SERIAL_CLOSED' });

  const attempts: number[] = [];
  for (let second = 0; second < 60; second++) {
    await clock.advance('1 s');
    attempts.push(FakePort.opened.length - 1);
  }
  t.is(attempts[0], 2, 'after 0.25 s and 0.75 s');
  t.true((attempts[59] ?? 0) >= 9 && (attempts[59] ?? 0) <= 12, `${attempts[59]} attempts in a minute`);

  FakePort.refusal = undefined;
  await clock.advance('10 s');
  await clock.run(serial.write(Uint8Array.of(65)));
  t.deepEqual(port(FakePort.opened.length - 1).written, ['A']);
  await lifetime[Symbol.asyncDispose]();
  t.false(port(FakePort.opened.length - 1).isOpen);
  t.deepEqual(clock.waiting, []);
  await t.throwsAsync(serial.write(Uint8Array.of(1)), { code: 'HYP_DISPOSED' });
});

test.serial('a claim that ends while its port is away leaves nothing behind', async (t) => {
  const clock = new VirtualClock();
  const lifetime = new Lifetime('claim');
  await LinuxSerialPort.open('/dev/ttyUSB0', settings, clock, lifetime, load);
  FakePort.refusal = new Error('gone');
  port().emit('close', new Error('disconnected'));
  await clock.advance('3 s');
  const attempts = FakePort.opened.length;
  await lifetime[Symbol.asyncDispose]();
  await clock.advance('1 min');
  t.is(FakePort.opened.length, attempts);
  t.deepEqual(clock.waiting, []);
});

test.serial('a port that does not open in time is given up, and closed if it opens after all', async (t) => {
  const clock = new VirtualClock();
  FakePort.slow = true;
  const opening = SerialTransport.open('/dev/ttyUSB0', settings, clock, load);
  await t.throwsAsync(clock.run(opening), { code: 'HYP_SERIAL_CLOSED', message: /did not open within 5 s/ });
  t.is(clock.monotonic(), 5000);
  port().finish();
  t.is(port().closes, 1);
  t.false(port().isOpen);
  t.deepEqual(clock.waiting, []);
});

test.serial('a claim that ends while its port opens leaves no port open', async (t) => {
  const clock = new VirtualClock();
  const lifetime = new Lifetime('claim');
  FakePort.slow = true;
  const opening = LinuxSerialPort.open('/dev/ttyUSB0', settings, clock, lifetime, load);
  await clock.advance(0);
  const ending = lifetime[Symbol.asyncDispose]();
  port().finish();
  await t.throwsAsync(clock.run(opening), { code: 'HYP_DISPOSED' });
  await clock.run(ending);
  t.false(port().isOpen);
  t.deepEqual(clock.waiting, []);
});

// The texts of serialport 13, which carry no code. /dev/null stands for a file that is there.
for (const [text, code] of [
  ['Error: Permission denied, cannot open /dev/null', 'HYP_PERMISSION'],
  ['Error: Operation not permitted, cannot open /dev/null', 'HYP_PERMISSION'],
  ['Error: No such device or address, cannot open /dev/null', 'HYP_DEVICE_GONE'],
  ['Error Resource temporarily unavailable Cannot lock port', 'HYP_SERIAL_CLOSED'],
  ['Error: Inappropriate ioctl for device, cannot open /dev/null', 'HYP_SERIAL_CLOSED'],
  ['Error: something else', 'HYP_SERIAL_CLOSED'],
] as const) {
  test(`"${text}" is ${code}`, async (t) => {
    t.is((await serialOpenError(new Error(text), '/dev/null')).code, code);
  });
}

test('a file that is not there is a device that is gone, whatever the text', async (t) => {
  t.is((await serialOpenError(new Error('strange'), '/dev/ttyNONE')).code, 'HYP_DEVICE_GONE');
});

test('the stalling Nodes are those from 26.4 on', (t) => {
  for (const version of ['20.19.0', '22.12.0', '24.21.0', '26.3.9']) t.false(stallsSerialport(version), version);
  for (const version of ['26.4.0', '26.10.0', '27.0.0']) t.true(stallsSerialport(version), version);
});

test('poll events start from a fresh callback of the event loop, once mended or twice', async (t) => {
  const listeners: ((error: Error | null) => void)[] = [];
  const prototype = { once: (_event: string, listener: (error: Error | null) => void) => listeners.push(listener) };
  deferPollEvents(prototype);
  deferPollEvents(prototype);
  const order: string[] = [];
  const heard = new Promise<void>((resolve) => {
    prototype.once('readable', (error) => {
      order.push(`event ${error?.message}`);
      resolve();
    });
  });
  listeners[0]?.(new Error('canceled'));
  order.push('after the binding');
  await heard;
  t.deepEqual(order, ['after the binding', 'event canceled']);
  t.is(listeners.length, 1);
});
