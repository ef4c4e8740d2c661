import { Lifetime, type Need, ResourceRegistry, SeededRandom } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { gpioInput, gpioOutput } from '../gpio/gpio.js';
import { i2cDevice } from '../i2c/i2c-device.js';
import { oneWireThermometer } from '../onewire/thermometer.js';
import { pwmChannel } from '../pwm/pwm-channel.js';
import { fixedLength } from '../serial/framing.js';
import { serialPort } from '../serial/serial-port.js';
import { codeOf } from '../testing/fixture.js';
import { BusFaults } from './bus-faults.js';
import type { SimOneWireDevice, SimSerialDevice } from './chip.js';
import { RegisterChip } from './register-chip.js';
import { simBoard, type SimBoardSpec } from './sim-board.js';
import { SimGpioLine } from './sim-gpio-line.js';
import { SimPwmChannel } from './sim-pwm-channel.js';

async function opened(spec: SimBoardSpec = {}) {
  const clock = new VirtualClock();
  const sim = simBoard(spec);
  const board = await sim.open({ clock });
  const registry = new ResourceRegistry([board]);
  const life = new Lifetime('test');
  const claim = async <H>(need: Need<H>, use?: string, lifetime = life) =>
    (await registry.claim(need, { owner: 'test', lifetime, use })).handle;
  return { clock, sim, board, registry, life, claim };
}

const thermo = i2cDevice({ addresses: [0x76, 0x77] });

/** What a call ends with: `ok` or the code of its error. */
const outcome = (work: Promise<unknown>) => work.then(() => 'ok', codeOf);

test('a chip is found on whichever bus and address it stands, in the order of the choices', async (t) => {
  const { board } = await opened({
    i2c: { 0x77: new RegisterChip(), 'i2c-3': { 0x76: new RegisterChip() }, 'i2c-4/0x77': new RegisterChip() },
  });
  t.deepEqual(board.match(thermo), ['i2c-3/0x76', 'i2c-1/0x77', 'i2c-4/0x77']);
  t.deepEqual(board.match(thermo, 'i2c-4'), ['i2c-4/0x77']);
  t.deepEqual(board.match(thermo, '0x77'), ['i2c-1/0x77', 'i2c-4/0x77']);
  t.deepEqual(board.match(thermo, 'i2c-9'), []);
  t.deepEqual(board.match(thermo, 'i2c-9/0x76'), []);
});

test('a full address is taken at its word: the driver finds out that nobody is there', async (t) => {
  const { board, claim } = await opened();
  t.deepEqual(board.match(thermo, 'i2c-1/0x76'), ['i2c-1/0x76']);
  t.is(await outcome((await claim(thermo, 'i2c-1/118')).readRegister(0)), 'HYP_I2C_NO_ACK');
});

test('two instances without `use` get two chips, and the third is told who has them', async (t) => {
  const { claim } = await opened({ i2c: { 0x76: new RegisterChip(), 0x77: new RegisterChip() } });
  t.deepEqual([(await claim(thermo)).name, (await claim(thermo)).name], ['i2c-1/0x76', 'i2c-1/0x77']);
  t.is(await outcome(claim(thermo)), 'HYP_CLAIM_CONFLICT');
});

test('what is no address of a chip is refused when the board is made', (t) => {
  for (const i2c of [
    { 0x80: new RegisterChip() },
    { 0x01: new RegisterChip() },
    { 'i2c-1': { nonsense: new RegisterChip() } },
    { 0x76: new RegisterChip(), 'i2c-1/0x76': new RegisterChip() },
  ] as const) {
    t.is(codeOf(t.throws(() => simBoard({ i2c }))), 'HYP_I2C_ARGUMENT');
  }
});

test('a missing resource names what there is instead', async (t) => {
  const { claim } = await opened({ i2c: { 0x48: new RegisterChip() } });
  t.like(await t.throwsAsync(claim(thermo)), { code: 'HYP_RESOURCE_MISSING', context: { offered: ['i2c-1/0x48'] } });
});

test('lines 0 to 53 are there without being listed, and can be named in short', async (t) => {
  const { sim, board, claim } = await opened();
  const line = await claim(gpioOutput({ initial: 1 }), '17');
  t.is(line.name, 'gpiochip0/17');
  t.is(sim.line('GPIO17').level, 1);
  t.is(sim.line('gpiochip0/53').direction, 'unused');
  t.deepEqual(board.match(gpioInput(), 'gpiochip0/54'), []);
  t.deepEqual(board.match(gpioInput()), []);
  t.is(codeOf(t.throws(() => sim.line('gpiochip0/54'))), 'HYP_RESOURCE_MISSING');
});

test('a released output is an input again and falls back to its pull', async (t) => {
  const pulled = new SimGpioLine({ pull: 1 });
  const { sim, life, claim } = await opened({ gpio: { 'gpiochip0/4': pulled } });
  const changes: string[] = [];
  sim.line('4').onChange((level, atMs) => changes.push(`${level} at ${atMs}`));
  const own = life.child('claim');
  const line = await claim(gpioOutput({ initial: 0 }), '4', own);
  await line.write(0);
  await own[Symbol.asyncDispose]();
  t.is(pulled.level, 1);
  t.is(pulled.direction, 'unused');
  t.deepEqual(changes, ['0 at 0', '1 at 0']);
});

test('open drain, bias and a stuck wire do what they do on a board', async (t) => {
  const { sim, claim } = await opened();
  const drain = await claim(gpioOutput({ initial: 1, drive: 'open-drain', bias: 'up' }), '4');
  t.is(sim.line('4').level, 1);
  sim.line('4').drive(0); // somebody else on the wire
  t.is(await drain.read(), 0);
  sim.line('4').drive(undefined);
  await drain.write(0);
  t.is(sim.line('4').level, 0);
  const input = await claim(gpioInput({ bias: 'up' }), '5');
  t.is(await input.read(), 1);
  const relay = await claim(gpioOutput({ initial: 0 }), '6');
  sim.line('6').stick(1);
  await relay.write(0);
  t.is(await relay.read(), 1, 'read back, not remembered');
  sim.line('6').stick(undefined);
  t.is(await relay.read(), 0);
});

test('a PWM channel is off when opened and after it was released, and refuses what it cannot do', async (t) => {
  const channel = new SimPwmChannel();
  const { life, claim } = await opened({ pwm: { 'pwmchip0/0': channel } });
  const own = life.child('claim');
  const pwm = await claim(pwmChannel(), '0', own);
  t.deepEqual(await pwm.read(), { frequencyHz: 0, dutyCycle: 0 });
  await pwm.set(25_000, 0.25);
  t.deepEqual([channel.frequencyHz, channel.dutyCycle], [25_000, 0.25]);
  t.is(await outcome(pwm.set(25_000, 1.5)), 'HYP_PWM_RANGE');
  t.deepEqual(await pwm.read(), { frequencyHz: 25_000, dutyCycle: 0.25 });
  await own[Symbol.asyncDispose]();
  t.is(channel.dutyCycle, 0);
  t.is(await outcome(pwm.set(100, 0)), 'HYP_DISPOSED');
});

test('an inverted PWM channel is low for as long as it is on', async (t) => {
  const { sim, claim } = await opened();
  const pwm = await claim(pwmChannel({ inverted: true }), 'pwmchip0/1');
  t.is(sim.channel('1').dutyCycle, 1);
  await pwm.set(100, 0.75);
  t.is(sim.channel('1').dutyCycle, 0.25);
  t.is((await pwm.read()).dutyCycle, 0.75);
});

class Probe implements SimOneWireDevice {
  conversions = 0;
  present = true;

  convert(): void {
    this.conversions++;
  }

  scratchpad(): Uint8Array | undefined {
    return this.present ? new Uint8Array(9).fill(this.conversions) : undefined;
  }
}

test('one broadcast conversion of 750 ms serves all thermometers that are asked meanwhile', async (t) => {
  const probes = [new Probe(), new Probe()];
  const { clock, claim } = await opened({
    onewire: { '28-0000075b3c1a': probes[0] as Probe, '28-0000075b3c1b': probes[1] as Probe },
  });
  const need = oneWireThermometer({ families: [0x28] });
  const [first, second] = [await claim(need), await claim(need)];
  const both = Promise.all([first.measure(), clock.sleep(300).then(() => second.measure())]);
  t.deepEqual(
    (await clock.run(both)).map((pad) => pad.length),
    [9, 9],
  );
  t.is(clock.monotonic(), 750);
  t.deepEqual(
    probes.map(({ conversions }) => conversions),
    [1, 1],
  );
  await clock.run(first.measure());
  t.is(clock.monotonic(), 1500);
});

test('a 1-Wire thermometer is found by family and by id in any case, and can be gone', async (t) => {
  const probe = new Probe();
  const { clock, board, claim } = await opened({ onewire: { '28-0000075b3c1a': probe } });
  const need = oneWireThermometer({ families: [0x28] });
  t.deepEqual(board.match(need, '28-0000075B3C1A'), ['28-0000075b3c1a']);
  t.deepEqual(board.match(oneWireThermometer({ families: [0x22] })), []);
  const thermometer = await claim(need, '28-0000075b3c1a');
  probe.present = false;
  t.is(await clock.run(outcome(thermometer.measure())), 'HYP_DEVICE_GONE');
});

test('a board that closes ends what is going on, and leaves no timer', async (t) => {
  const { clock, board, claim } = await opened({
    i2c: { 0x76: new RegisterChip() },
    busTime: true,
    onewire: { '28-1': new Probe() },
  });
  const chip = await claim(thermo);
  const thermometer = await claim(oneWireThermometer({ families: [0x28] }));
  const going = Promise.all([outcome(chip.read(8)), outcome(thermometer.measure())]);
  await board[Symbol.asyncDispose]();
  t.deepEqual(await going, ['HYP_DISPOSED', 'HYP_DISPOSED']);
  t.deepEqual(clock.waiting, []);
});

/** Answers each byte with its complement. */
class Mirror implements SimSerialDevice {
  #send: (bytes: Uint8Array) => void = () => {};

  powerOn(_clock: unknown, send: (bytes: Uint8Array) => void): void {
    this.#send = send;
  }

  receive(bytes: Uint8Array): void {
    this.#send(bytes.map((byte) => byte ^ 0xff));
  }
}

test('faults of a serial line: silence, garbage, cut, lost and wrong bytes, unplugging', async (t) => {
  const { clock, sim, life, claim } = await opened({ serial: { '/dev/ttyS0': new Mirror() } });
  const faults = sim.serialFaults('/dev/ttyS0');
  const own = life.child('claim');
  const port = await claim(serialPort({ baudRate: 9600 }), '/dev/ttyS0', own);
  const ask = () =>
    clock.run(
      port.exchange(Uint8Array.of(1, 2, 3), fixedLength(3), { timeout: 50 }).then((frame) => [...frame], codeOf),
    );

  t.deepEqual(await ask(), [0xfe, 0xfd, 0xfc]);
  faults.silence();
  t.is(await ask(), 'HYP_SERIAL_TIMEOUT');
  faults.clear();
  faults.garbageBefore(Uint8Array.of(9, 9));
  t.deepEqual(await ask(), [9, 9, 0xfe]);
  faults.cutNext(2);
  t.is(await ask(), 'HYP_SERIAL_TIMEOUT');
  faults.byteErrors(1);
  t.notDeepEqual(await ask(), [0xfe, 0xfd, 0xfc]);
  faults.clear();
  faults.lostBytes(1);
  t.is(await ask(), 'HYP_SERIAL_TIMEOUT');
  faults.clear();
  t.deepEqual(await ask(), [0xfe, 0xfd, 0xfc]);
  faults.unplug();
  t.is(await ask(), 'HYP_SERIAL_CLOSED');
  await own[Symbol.asyncDispose]();
  const again = await claim(serialPort({ baudRate: 9600 }), '/dev/ttyS0');
  t.is((await clock.run(again.exchange(Uint8Array.of(0), fixedLength(1), { timeout: 50 })))[0], 0xff);
});

test('what is unplugged does not answer until it is plugged in again, and what is not there is refused', async (t) => {
  const { clock, sim, claim } = await opened({
    i2c: { 0x76: new RegisterChip() },
    serial: { '/dev/ttyS0': new Mirror() },
  });
  t.deepEqual(sim.devices, ['i2c-1/0x76', '/dev/ttyS0']);
  const chip = await claim(thermo);
  const port = await claim(serialPort({ baudRate: 9600 }), '/dev/ttyS0');
  const chipSays = () => clock.run(chip.readRegister(0, 1).then(() => 'here', codeOf));
  const out = sim.unplug('i2c-1/0x76');
  t.is(await chipSays(), 'HYP_I2C_NO_ACK');
  sim.busFaults().nackNext();
  out[Symbol.dispose]();
  t.is(await chipSays(), 'HYP_I2C_NO_ACK', 'another fault stays');
  t.is(await chipSays(), 'here');
  const pulled = sim.unplug('/dev/ttyS0');
  const ask = () =>
    clock.run(port.exchange(Uint8Array.of(1), fixedLength(1), { timeout: 50 }).then(() => 'here', codeOf));
  t.is(await ask(), 'HYP_SERIAL_CLOSED');
  pulled[Symbol.dispose]();
  t.throws(() => sim.unplug('i2c-1/0x20'), { code: 'HYP_RESOURCE_MISSING' });
});

test('with bus time a transfer takes its bits’ time', async (t) => {
  const { clock, sim, claim } = await opened({ i2c: { 0x76: new RegisterChip() }, busTime: true, speedHz: 400_000 });
  const chip = await claim(thermo);
  await clock.run(chip.readRegister(0xf7, 8));
  // Start, address, register; start, address, eight bytes; stop.
  t.is(clock.monotonic(), (1000 * (10 + 9 + 10 + 72 + 1)) / 400_000);
  t.is(sim.bus()?.busyMs, clock.monotonic());
});

test('bus faults befall the transfers they were made for, and no others', async (t) => {
  const faults = new BusFaults();
  const { clock, claim } = await opened({
    i2c: { 0x76: new RegisterChip(), 0x77: new RegisterChip() },
    faults: { 'i2c-1': faults },
  });
  const [a, b] = [await claim(thermo), await claim(thermo)];
  const calls = (device: typeof a, count: number) =>
    clock.run(Promise.all(Array.from({ length: count }, () => outcome(device.read(1)))));

  faults.nackNext(2);
  t.deepEqual(await calls(a, 3), ['HYP_I2C_NO_ACK', 'HYP_I2C_NO_ACK', 'ok']);
  faults.nth('arbitration', 2);
  t.deepEqual(await calls(a, 3), ['ok', 'HYP_I2C_ARBITRATION', 'ok']);
  faults.from('bus', 2, { address: 0x77 });
  t.deepEqual(await calls(a, 3), ['ok', 'ok', 'ok']);
  t.deepEqual(await calls(b, 3), ['ok', 'HYP_I2C_BUS', 'HYP_I2C_BUS']);
  faults.clear();
  faults.next('busy', 1);
  t.deepEqual(await calls(b, 2), ['HYP_I2C_BUSY', 'ok']);
  t.is(faults.transfers, 14);
});

test('a transfer that times out holds the bus as long as it hangs', async (t) => {
  const { clock, sim, claim } = await opened({ i2c: { 0x76: new RegisterChip() } });
  const chip = await claim(thermo);
  sim.busFaults().next('timeout', 1, { hang: '150 ms' });
  t.deepEqual(await clock.run(Promise.all([outcome(chip.read(1)), outcome(chip.read(1))])), ['HYP_I2C_TIMEOUT', 'ok']);
  t.is(clock.monotonic(), 150);
});

test('a transfer that hangs for ever is answered, and the board can still be closed', async (t) => {
  const { clock, sim, board, claim } = await opened({ i2c: { 0x76: new RegisterChip() } });
  const chip = await claim(thermo);
  sim.busFaults().next('timeout', 1, { hang: Infinity });
  t.is(await clock.run(outcome(chip.read(1))), 'HYP_I2C_TIMEOUT');
  t.is(await clock.run(outcome(chip.read(1))), 'HYP_I2C_HELD');
  await board[Symbol.asyncDispose]();
  t.deepEqual(clock.waiting, []);
});

for (const [clocks, outcomes] of [
  [1, ['ok', 'ok', 'ok']],
  [9, ['ok', 'ok', 'ok']],
  [20, ['ok', 'ok', 'ok']],
  [28, ['HYP_I2C_STUCK', 'ok', 'ok']],
  [Infinity, ['HYP_I2C_STUCK', 'HYP_I2C_STUCK', 'HYP_I2C_STUCK']],
] as const) {
  test(`SDA held low for ${clocks} clocks: ${outcomes.join(', ')}; the other bus does not notice`, async (t) => {
    const { sim, claim } = await opened({ i2c: { 0x76: new RegisterChip(), 'i2c-3': { 0x76: new RegisterChip() } } });
    const [chip, other] = [await claim(thermo, 'i2c-1'), await claim(thermo, 'i2c-3')];
    sim.busFaults().stickSda(clocks);
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) seen.push(await outcome(chip.read(1)));
    t.deepEqual(seen, [...outcomes]);
    t.is(await outcome(other.read(1)), 'ok');
    sim.busFaults().release();
    t.is(await outcome(chip.read(1)), 'ok');
  });
}

test('SCL held low is not cured by clocking', async (t) => {
  const { sim, claim } = await opened({ i2c: { 0x76: new RegisterChip() } });
  const chip = await claim(thermo);
  sim.busFaults().stickScl();
  t.like(await t.throwsAsync(chip.read(1)), { code: 'HYP_I2C_STUCK', context: { bus: 'i2c-1', line: 'SCL' } });
});

test('faults by chance are as frequent as said, and the same for the same seed', async (t) => {
  const run = async (seed: number) => {
    const faults = new BusFaults({ random: new SeededRandom(seed) });
    const { claim } = await opened({ i2c: { 0x76: new RegisterChip() }, faults: { 'i2c-1': faults } });
    faults.rate('nack', 0.1);
    const chip = await claim(thermo);
    let pattern = '';
    for (let i = 0; i < 1000; i++) pattern += (await outcome(chip.read(1))) === 'ok' ? '.' : 'x';
    return pattern;
  };
  const [first, same, other] = [await run(1), await run(1), await run(2)];
  t.is(first, same);
  t.not(first, other);
  const failures = first.replaceAll('.', '').length;
  t.true(failures > 70 && failures < 130, `${failures} of 1000`);
});

test('bit errors change what arrives, about as often as said, both ways', async (t) => {
  const chip = new RegisterChip();
  const { sim, claim } = await opened({ i2c: { 0x76: chip } });
  const device = await claim(thermo);
  sim.busFaults().bitErrors(0.01);
  let flipped = 0;
  for (let i = 0; i < 100; i++) {
    const bytes = await device.read(100);
    for (const byte of bytes) flipped += [...byte.toString(2)].filter((bit) => bit === '1').length;
  }
  t.true(flipped > 600 && flipped < 1000, `${flipped} of 80,000 bits`);
  sim.busFaults().bitErrors(0.5);
  await device.writeRegister(0, ...Array.from({ length: 32 }, () => 0));
  sim.busFaults().clear();
  const written: number[] = [];
  for (let register = 0; register < 256; register += 16) written.push(...(await device.readRegister(register, 16)));
  t.true(written.some((byte) => byte !== 0));
});

test('listings say what stands where', async (t) => {
  class Thermo extends RegisterChip {}
  const chip = new RegisterChip();
  const { board } = await opened({
    i2c: { 0x76: new Thermo(), 0x77: chip },
    serial: { '/dev/ttyS0': new Mirror() },
    labels: new Map([[chip, 'bme280']]),
  });
  const labels = (await board.list()).map(({ kind, address, label }) => `${kind} ${address} ${label}`);
  t.deepEqual(labels.slice(0, 3), ['i2c i2c-1/0x76 Thermo', 'i2c i2c-1/0x77 bme280', 'serial /dev/ttyS0 Mirror']);
  t.true(labels.includes('gpio gpiochip0/17 simulated'));
  t.is(board.simulated, true);
});
