import { hex } from '@hyphae/core';
import test, { type ExecutionContext } from 'ava';
import type { I2cDevice } from '../i2c/i2c-device.js';
import { i2cDevice } from '../i2c/i2c-device.js';
import { Bench, codeOf, type HalFixture } from './fixture.js';

/** A bus with a chip of at least 64 registers that keep what is written, with an auto-incrementing pointer. */
export interface I2cFixture extends HalFixture {
  /** Such as `i2c-1`. */
  readonly bus: string;
  /** Address of the chip. */
  readonly chip: number;
  /** An address at which nothing answers. */
  readonly absent: number;
  /** False where the adapter speaks only SMBus, which has no plain reads. Default true. */
  readonly plainReads?: boolean;
}

interface Rig {
  readonly fixture: I2cFixture;
  readonly bench: Bench;
  readonly claim: (address: number, lifetime?: Bench['life']) => Promise<I2cDevice>;
  readonly run: <T>(work: Promise<T>) => Promise<T>;
}

/** Declares the tests that every provider of I²C devices has to pass. @param open makes a fresh fixture for each test */
export function i2cConformance(provider: string, open: () => Promise<I2cFixture>): void {
  const declare = (title: string, run: (t: ExecutionContext, rig: Rig) => Promise<void>) =>
    test.serial(`${provider} i2c: ${title}`, async (t) => {
      const fixture = await open();
      await using bench = new Bench(fixture);
      const claim = (address: number, lifetime = bench.life) =>
        bench.claim(i2cDevice({ addresses: [address] }), `${fixture.bus}/${hex(address)}`, lifetime);
      await run(t, { fixture, bench, claim, run: (work) => fixture.run(work) });
    });

  declare('a register keeps what was written to it', async (t, { fixture, claim, run }) => {
    const chip = await claim(fixture.chip);
    await run(chip.writeRegister(0x10, 0xa5));
    t.deepEqual([...(await run(chip.readRegister(0x10)))], [0xa5]);
    await run(chip.writeRegister(0x10, 0x00));
    t.deepEqual([...(await run(chip.readRegister(0x10)))], [0x00]);
  });

  declare('several bytes go to, and come from, registers in a row', async (t, { fixture, claim, run }) => {
    const chip = await claim(fixture.chip);
    const bytes = Array.from({ length: 30 }, (_, i) => (i * 37 + 11) & 0xff);
    await run(chip.writeRegister(0x08, ...bytes));
    t.deepEqual([...(await run(chip.readRegister(0x08, 30)))], bytes);
    t.deepEqual([...(await run(chip.readRegister(0x0a, 2)))], bytes.slice(2, 4));
  });

  declare('a transaction gives the bytes of each of its reads', async (t, { fixture, claim, run }) => {
    const chip = await claim(fixture.chip);
    await run(chip.writeRegister(0x20, 1, 2, 3, 4));
    const parts = await run(chip.transfer([{ write: Uint8Array.of(0x20) }, { read: 4 }]));
    t.deepEqual(
      parts.map((part) => [...part]),
      [[1, 2, 3, 4]],
    );
    t.deepEqual(await run(chip.transfer([{ write: Uint8Array.of(0x20, 9) }])), []);
  });

  declare('a plain read goes on at the pointer', async (t, { fixture, claim, run }) => {
    const chip = await claim(fixture.chip);
    await run(chip.writeRegister(0x20, 7, 8));
    await run(chip.write(Uint8Array.of(0x20)));
    if (fixture.plainReads === false) {
      t.is(codeOf(await run(chip.read(2).catch((error: unknown) => error))), 'HYP_I2C_BUS'); // said, not guessed
      return;
    }
    t.deepEqual([...(await run(chip.read(2)))], [7, 8]);
  });

  declare('nobody at an address is HYP_I2C_NO_ACK, naming bus and address', async (t, { fixture, bench, claim }) => {
    const chip = await claim(fixture.absent);
    for (const work of [chip.readRegister(0), chip.writeRegister(0, 1), chip.write(Uint8Array.of(1))]) {
      const error = await bench.failure(work);
      t.is(codeOf(error), 'HYP_I2C_NO_ACK');
      t.like(error, { context: { bus: fixture.bus, address: hex(fixture.absent) }, retryable: true });
    }
  });

  declare('a failed transfer leaves the bus usable', async (t, { fixture, bench, claim, run }) => {
    const [chip, absent] = [await claim(fixture.chip), await claim(fixture.absent)];
    await run(chip.writeRegister(0x10, 0x42));
    const [failed, read] = await Promise.all([bench.failure(absent.readRegister(0)), run(chip.readRegister(0x10))]);
    t.is(codeOf(failed), 'HYP_I2C_NO_ACK');
    t.deepEqual([...read], [0x42]);
  });

  declare('calls made together are carried out in their order', async (t, { fixture, claim, run }) => {
    const chip = await claim(fixture.chip);
    const reads: Promise<Uint8Array>[] = [];
    const writes: Promise<void>[] = [];
    for (let i = 0; i < 20; i++) {
      writes.push(chip.writeRegister(0x18, i));
      reads.push(chip.readRegister(0x18));
    }
    await run(Promise.all(writes));
    t.deepEqual(
      (await run(Promise.all(reads))).map(([byte]) => byte),
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  declare('nobody comes between the transfers of an exclusive section', async (t, { fixture, claim, run }) => {
    const chip = await claim(fixture.chip);
    let outside: Promise<void> | undefined;
    const inside = await run(
      chip.exclusively(async (alone) => {
        await alone.writeRegister(0x18, 1);
        outside = chip.writeRegister(0x18, 2);
        return alone.readRegister(0x18);
      }),
    );
    t.deepEqual([...inside], [1]);
    await run(outside ?? Promise.reject(new Error('the section did not run')));
    t.deepEqual([...(await run(chip.readRegister(0x18)))], [2]);
  });

  declare('an exclusive section that throws frees the bus', async (t, { fixture, bench, claim, run }) => {
    const chip = await claim(fixture.chip);
    await run(chip.writeRegister(0x10, 5));
    const failure = await bench.failure(chip.exclusively(() => Promise.reject(new Error('in the middle'))));
    t.is(String(failure), 'Error: in the middle');
    t.deepEqual([...(await run(chip.readRegister(0x10)))], [5]);
  });

  declare('impossible calls are HYP_I2C_ARGUMENT', async (t, { fixture, bench, claim }) => {
    const chip = await claim(fixture.chip);
    const calls = [
      () => chip.transfer([]),
      () => chip.read(0),
      () => chip.read(1.5),
      () => chip.read(100_000),
      () => chip.write(new Uint8Array(100_000)),
      () => chip.readRegister(0x100),
      () => chip.readRegister(-1),
      () => chip.writeRegister(0x10, 256),
      () => chip.writeRegister(0x10, 0.5),
      () => chip.transfer([{ write: new Uint8Array(0) }, { read: 1 }]),
    ];
    for (const call of calls) t.is(codeOf(await bench.failure(call())), 'HYP_I2C_ARGUMENT', String(call));
  });

  declare('the handle ends with its claim, and can be claimed again', async (t, { fixture, bench, claim, run }) => {
    const life = bench.life.child('first');
    const first = await claim(fixture.chip, life);
    await run(first.writeRegister(0x10, 3));
    await run(life[Symbol.asyncDispose]());
    t.is(codeOf(await bench.failure(first.readRegister(0x10))), 'HYP_DISPOSED');
    const second = await claim(fixture.chip);
    t.deepEqual([...(await run(second.readRegister(0x10)))], [3]);
  });

  declare('an address may be written in any usual way and has one name', async (t, { fixture, claim }) => {
    const name = `${fixture.bus}/${hex(fixture.chip)}`;
    const need = i2cDevice({ addresses: [fixture.chip] });
    const upper = hex(fixture.chip).slice(2).toUpperCase();
    for (const use of [name, `${fixture.bus}/0x${upper}`, `${fixture.bus}/${fixture.chip}`, fixture.bus]) {
      t.true(fixture.board.match(need, use).includes(name), use);
    }
    t.is((await claim(fixture.chip)).name, name);
  });
}
