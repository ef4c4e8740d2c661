import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { openSysfsLine } from './sysfs-gpio-line.js';

/** Stands for onoff: exported lines, and what is called on them. */
function fake() {
  const log: string[] = [];
  let answer = () => {};
  let asked = () => {};
  const reading = new Promise<void>((resolve) => (asked = resolve));
  class Gpio {
    constructor(line: number) {
      log.push(`export ${line}`);
    }
    read(done: (error: null, value: 0 | 1) => void): void {
      answer = () => done(null, 1);
      asked();
    }
    watch(): void {
      log.push('watch');
    }
    unexport(): void {
      log.push('unexport');
    }
  }
  const lifetime = new Lifetime('claim');
  const place = { name: 'gpiochip0/17', number: 529, clock: new VirtualClock(), load: async () => ({ Gpio }) };
  return { log, place, lifetime, reading, answer: () => answer() };
}

test('a line whose claim ends before it is exported is not exported', async (t) => {
  const { log, place, lifetime } = fake();
  const opening = openSysfsLine(place, { direction: 'out' }, lifetime);
  await lifetime[Symbol.asyncDispose]();
  await t.throwsAsync(opening, { code: 'HYP_DISPOSED' });
  t.deepEqual(log, []);
});

test('a line whose claim ends during its first read is given back and not watched', async (t) => {
  const { log, place, lifetime, reading, answer } = fake();
  const opening = openSysfsLine(place, { direction: 'in' }, lifetime);
  await reading;
  const ending = lifetime[Symbol.asyncDispose]();
  answer();
  await t.throwsAsync(opening, { code: 'HYP_DISPOSED' });
  await ending;
  t.deepEqual(log, ['export 529', 'unexport']);
});
