import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test, { type ExecutionContext } from 'ava';
import { pwmChannel } from '../pwm/pwm-channel.js';
import { surroundings } from './family.js';
import { PwmFamily } from './pwm-family.js';

/** A sysfs with one chip of two channels, the first of them exported already, since files do not act on writes. */
async function tree(t: ExecutionContext) {
  const sysfs = await mkdtemp(join(tmpdir(), 'hyphae-pwm-'));
  t.teardown(() => rm(sysfs, { recursive: true }));
  const chip = join(sysfs, 'class/pwm/pwmchip0');
  await mkdir(join(chip, 'pwm0'), { recursive: true });
  const put = (name: string, value: string | number) => writeFile(join(chip, name), `${value}\n`);
  await put('npwm', 2);
  await put('export', '');
  await put('unexport', '');
  await put('pwm0/period', 20_000_000);
  await put('pwm0/duty_cycle', 5_000_000);
  await put('pwm0/enable', 1);
  await put('pwm0/polarity', 'normal');
  const clock = new VirtualClock();
  const family = new PwmFamily(surroundings(clock, { sysfs }));
  await family.scan();
  const lifetime = new Lifetime('test');
  t.teardown(() => lifetime[Symbol.asyncDispose]());
  const get = async (name: string) => (await readFile(join(chip, name), 'utf8')).trim();
  /** When a file was last written. */
  const changed = async (name: string) => (await stat(join(chip, name), { bigint: true })).mtimeNs;
  const open = (spec = {}) => family.open(pwmChannel(spec), 'pwmchip0/0', { owner: 'test', lifetime });
  return { family, lifetime, put, get, changed, open };
}

test('a channel is off when opened, whatever it was left with', async (t) => {
  const { open, get } = await tree(t);
  const channel = await open();
  t.is(channel.name, 'pwmchip0/0');
  t.is(await get('pwm0/enable'), '0');
  t.is(await get('pwm0/duty_cycle'), '0');
  t.deepEqual(await channel.read(), { frequencyHz: 0, dutyCycle: 0 });
});

test('frequency and duty cycle become nanoseconds', async (t) => {
  const { open, get } = await tree(t);
  const channel = await open();
  await channel.set(1000, 0.25);
  t.is(await get('pwm0/period'), '1000000');
  t.is(await get('pwm0/duty_cycle'), '250000');
  t.is(await get('pwm0/enable'), '1');
  t.deepEqual(await channel.read(), { frequencyHz: 1000, dutyCycle: 0.25 });
  await channel.set(50, 0);
  t.is(await get('pwm0/period'), '20000000');
  t.is(await get('pwm0/duty_cycle'), '0');
  await channel.set(50, 1);
  t.is(await get('pwm0/duty_cycle'), '20000000');
});

test('an inverted channel says so to the chip, and is off by being enabled without a pulse', async (t) => {
  const { open, get, put } = await tree(t);
  await put('pwm0/duty_cycle', 0);
  await put('pwm0/period', 0);
  const channel = await open({ inverted: true });
  t.is(await get('pwm0/polarity'), 'inversed');
  t.is(await get('pwm0/enable'), '1');
  t.is(await get('pwm0/duty_cycle'), '0');
  t.not(await get('pwm0/period'), '0');
  t.deepEqual(await channel.read(), { frequencyHz: 0, dutyCycle: 0 });
});

test('an inverted channel stays enabled without a pulse after its claim, and is not given back', async (t) => {
  const { open, get, lifetime } = await tree(t);
  const channel = await open({ inverted: true });
  await channel.set(50, 0.5);
  await lifetime[Symbol.asyncDispose]();
  t.is(await get('pwm0/duty_cycle'), '0');
  t.is(await get('pwm0/enable'), '1');
  t.is(await get('unexport'), '');
});

test('an inverted channel that is taken again is not disabled on the way', async (t) => {
  const { open, get, put, changed } = await tree(t);
  await put('pwm0/polarity', 'inversed');
  const before = await changed('pwm0/enable');
  const channel = await open({ inverted: true });
  await channel.set(50, 0.5);
  t.is(await changed('pwm0/enable'), before);
  t.is(await get('pwm0/duty_cycle'), '10000000');
});

test('a channel that cannot be set up is given back', async (t) => {
  const { family, get, lifetime } = await tree(t);
  const opening = family.open(pwmChannel(), 'pwmchip0/1', { owner: 'test', lifetime });
  await t.throwsAsync(opening, { code: 'HYP_DEVICE_GONE' });
  t.is(await get('export'), '1');
  t.is(await get('unexport'), '1');
});

test('a channel whose claim ends while it is taken is given back', async (t) => {
  const { open, get, lifetime } = await tree(t);
  const opening = open();
  const ending = lifetime[Symbol.asyncDispose]();
  await t.throwsAsync(opening, { code: 'HYP_DISPOSED' });
  await ending;
  t.is(await get('unexport'), '0');
});

test('what no channel can put out is refused and changes nothing', async (t) => {
  const { open, get } = await tree(t);
  const channel = await open();
  await channel.set(50, 0.5);
  for (const [frequency, duty] of [
    [0, 0.5],
    [-1, 0.5],
    [Number.NaN, 0.5],
    [50, 1.1],
    [50, -0.1],
    [50, Number.NaN],
  ] as const) {
    await t.throwsAsync(channel.set(frequency, duty), { code: 'HYP_PWM_RANGE' });
  }
  t.is(await get('pwm0/duty_cycle'), '10000000');
});

test('the channel is switched off and given back at the end of the claim', async (t) => {
  const { open, get, lifetime } = await tree(t);
  const channel = await open();
  await channel.set(50, 0.5);
  await lifetime[Symbol.asyncDispose]();
  t.is(await get('pwm0/enable'), '0');
  t.is(await get('pwm0/duty_cycle'), '0');
  t.is(await get('unexport'), '0');
  await t.throwsAsync(channel.set(50, 0.5), { code: 'HYP_DISPOSED' });
});

test('channels are listed and found by number, none beyond the last', async (t) => {
  const { family } = await tree(t);
  t.deepEqual(
    family.list().map(({ address }) => address),
    ['pwmchip0/0', 'pwmchip0/1'],
  );
  t.deepEqual(family.match(pwmChannel(), 'pwmchip0/1'), ['pwmchip0/1']);
  for (const use of [undefined, 'pwmchip0/2', 'pwmchip1/0', 'pwmchip0', '../pwmchip0/0']) {
    t.deepEqual(family.match(pwmChannel(), use), [], use);
  }
});

test('a channel that is not there any more is gone', async (t) => {
  const { family, lifetime } = await tree(t);
  const opening = family.open(pwmChannel(), 'pwmchip7/0', { owner: 'test', lifetime });
  await t.throwsAsync(opening, { code: 'HYP_DEVICE_GONE' });
});
