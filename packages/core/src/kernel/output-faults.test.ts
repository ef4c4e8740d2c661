import test from 'ava';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { defineOutput } from '../plugins/output.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { benchOf, device } from './test-outputs.js';

const broken = () => new DeviceNotReadyError({ device: 'device', why: 'test' });

test('a device that is not where it was told is a fault, is tried again, and the node does not stop in silence', async (t) => {
  let value = 0;
  let tries = 0;
  const bench = await benchOf({
    outputs: {
      relay: {
        plugin: device((wanted) => {
          tries++;
          return (value = wanted === 1 ? 1 : value); // a welded contact
        }),
      },
    },
  });
  await bench.on('relay', 1_000);
  await bench.clock.advance('2 s');
  t.like(bench.status('relay'), { confirmed: 1, desired: 0 });
  t.is(bench.state('relay'), 'faulty');
  const before = tries;
  await bench.clock.advance('10 min');
  t.true(tries - before >= 9 && tries - before <= 20, `${tries - before} tries in ten minutes`);
  t.is(bench.status('relay').onMs, 602_000, 'it is on as long as nobody has seen it off');
  await bench[Symbol.asyncDispose]();
  t.true(
    bench.log.some((line) => line.includes('did not stop cleanly')),
    bench.log.join(),
  );
});

test('one that does not switch on is a fault too, and is back at safe', async (t) => {
  await using bench = await benchOf({ outputs: { relay: { plugin: device(() => 0) } } });
  t.is(await bench.refused('relay', 1), 'HYP_OUTPUT_STUCK');
  t.like(bench.status('relay'), { confirmed: 0, owner: null });
});

test('a level that the hardware rounds is where it was told, and is told once', async (t) => {
  const told: number[] = [];
  let noise = 0;
  const plugin = device(
    (value) => {
      told.push(value);
      return Math.round(value * 255) / 255 + (noise += 1e-9);
    },
    { mode: 'level', safe: 0.3 },
  );
  await using bench = await benchOf({ outputs: { fan: { plugin } } });
  t.is(bench.state('fan'), 'running');
  await bench.clock.run(bench.node.outputs.set('fan', { value: 0.501, owner: 'client a' }));
  await bench.clock.advance('2 h');
  t.deepEqual(told, [0.3, 0.501, 0.3]);
  t.is(bench.status('fan').onMs, 3_600_000, 'a safe value that is rounded counts as safe');
});

test('a call past its deadline is told to end, safe is asked for, and what comes late is undone', async (t) => {
  const calls: string[] = [];
  let value = 0;
  let toldOn = 0;
  const plugin = device(async (wanted, { clock, signal }) => {
    toldOn += wanted;
    signal.addEventListener('abort', () => calls.push(`aborted ${wanted}`));
    if (wanted === 1) await clock.sleep('10 s');
    calls.push(`reached ${wanted}`);
    return (value = wanted);
  });
  await using bench = await benchOf({ outputs: { pump: { plugin } } });
  t.is(await bench.refused('pump', 1), 'HYP_DEADLINE');
  t.deepEqual(calls.slice(0, 3), ['reached 0', 'aborted 1', 'reached 0']);
  t.false(calls.includes('reached 1'));
  t.is(await bench.refused('pump', 1), 'HYP_DEADLINE', 'nothing but safe while a call may still come back');
  t.is(toldOn, 1);
  t.is(bench.state('pump'), 'faulty');
  await bench.clock.advance('1 min');
  t.is(value, 0);
  t.deepEqual(calls.slice(-2), ['reached 1', 'reached 0']);
  t.like(bench.status('pump'), { confirmed: 0 });
  t.is(bench.state('pump'), 'running');
});

test('what comes back while another move is under way is undone after it', async (t) => {
  let [value, calls] = [0, 0];
  const plugin = device(async (wanted, { clock }) => {
    calls++;
    await clock.sleep(wanted === 1 ? '8 s' : '3 s');
    return (value = wanted);
  });
  await using bench = await benchOf({ outputs: { pump: { plugin } } });
  // Left behind at 6 s, back at 8 s, in the midst of going safe from 6 to 9 s.
  t.is(await bench.refused('pump', 1), 'HYP_DEADLINE');
  t.is(value, 0);
  await bench.clock.advance('1 min');
  t.is(calls, 4, 'safe at the start, on, safe, and safe once more');
  t.is(value, 0);
  t.deepEqual([bench.status('pump').confirmed, bench.state('pump')], [0, 'running']);
});

test('a driver that never comes back is not called for ever', async (t) => {
  let calls = 0;
  let hang = false;
  const plugin = device((value) => {
    calls++;
    return hang ? new Promise<number>(() => {}) : value;
  });
  await using bench = await benchOf({ outputs: { pump: { plugin } } });
  hang = true;
  t.is(await bench.refused('pump', 1), 'HYP_DEADLINE');
  await bench.clock.advance('1 h');
  t.is(calls, 3, 'safe at the start, on, safe');
  t.like(bench.status('pump'), { confirmed: null });
});

test('failures that may pass are tried three times at once, then with a growing delay that a success ends', async (t) => {
  const calls: [value: number, atS: number][] = [];
  let failing = 0;
  const plugin = device((value, { clock }) => {
    calls.push([value, clock.monotonic() / 1_000]);
    if (failing-- > 0) throw broken();
    return value;
  });
  await using bench = await benchOf({ outputs: { pump: { plugin } } });
  calls.length = 0;
  failing = 2;
  await bench.on('pump');
  t.is(calls.length, 3);
  failing = Infinity;
  await bench.node.outputs.release('pump', 'client test').catch(() => {});
  const from = bench.clock.monotonic() / 1_000;
  calls.length = 0;
  await bench.clock.advance('10 min');
  const starts = [...new Set(calls.map(([, at]) => Math.round(at - from)))];
  t.deepEqual(starts.slice(0, 8), [1, 3, 7, 15, 31, 63, 123, 183]);
  failing = 0;
  await bench.clock.advance('1 min');
  t.is(bench.state('pump'), 'running');
  failing = 3;
  calls.length = 0;
  bench.control('pump').wish('f', 1);
  await bench.clock.advance('999 ms');
  t.deepEqual(
    calls.map(([value]) => value),
    [1, 1, 1, 0],
    'safe at once',
  );
  await bench.clock.advance('2 ms');
  t.is(calls.at(-1)?.[0], 1, 'and again after one second: the delay begins anew');
});

test('what is no number is a failure, and safe is tried', async (t) => {
  const told: number[] = [];
  const plugin = device((value) => {
    told.push(value);
    return value === 1 ? Number.NaN : value;
  });
  await using bench = await benchOf({ outputs: { pump: { plugin } } });
  t.is(await bench.refused('pump', 1), 'HYP_PLUGIN_FAILURE');
  t.deepEqual([...new Set(told)], [0, 1]);
  t.is(told.at(-1), 0);
  t.like(bench.status('pump'), { confirmed: 0, owner: null });
});

test('safe can be commanded although the last command failed', async (t) => {
  const plugin = device((value) => {
    if (value === 1) throw broken();
    return value;
  });
  await using bench = await benchOf({ outputs: { pump: { plugin } } });
  await bench.refused('pump', 1);
  t.like(await bench.off('pump'), { confirmed: 0 });
  t.is(bench.state('pump'), 'running');
});

test('a trip is not forgotten when switching off fails, nor does the time on begin anew', async (t) => {
  const changes: [value: number, atMin: number][] = [];
  let failing = 0;
  const plugin = device((value, { clock }) => {
    if (failing-- > 0) throw broken();
    changes.push([value, Math.round(clock.monotonic() / 6_000) / 10]);
    return value;
  });
  await using bench = await benchOf({ outputs: { pump: { plugin, limits: { maxOn: '30 min', minOff: '5 min' } } } });
  await bench.on('pump');
  await bench.clock.advance('29 min');
  failing = 4;
  await bench.clock.advance('2 min');
  t.deepEqual(changes, [
    [0, 0],
    [1, 0],
    [0, 30],
  ]);
  t.is(bench.status('pump').onMs, 30 * 60_000 + 1_000, 'it counts as on until it is known to be off');
  t.is(await bench.refused('pump', 1), 'HYP_OUTPUT_INTERLOCK');
});

test('whoever held an output that was cut has lost it', async (t) => {
  let switched = 0;
  const plugin = device((value) => {
    switched += value;
    return value;
  });
  await using bench = await benchOf({ outputs: { pump: { plugin, limits: { maxOn: '30 min' } } } });
  await bench.on('pump');
  await bench.clock.advance('30.5 min');
  t.is(bench.status('pump').confirmed, 0);
  t.is(await bench.refused('pump', 1), 'HYP_OUTPUT_INTERLOCK', 'it rests for a minute');
  await bench.clock.advance('24 h');
  t.is(switched, 1);
  t.is(bench.status('pump').owner, null);
});

test('a command with a lease that is none changes nothing', async (t) => {
  await using bench = await benchOf({ outputs: { pump: { plugin: device((value) => value) } } });
  await bench.on('pump', 10_000);
  for (const leaseMs of [Number.NaN, -1, Infinity]) {
    await t.throwsAsync(bench.on('pump', leaseMs), { code: 'HYP_DURATION' });
  }
  await bench.clock.advance('9 s');
  t.is(bench.status('pump').confirmed, 1);
  await bench.clock.advance('2 s');
  t.is(bench.status('pump').confirmed, 0);
});

test('wishes of one moment are not lost: the last one counts', async (t) => {
  await using bench = await benchOf({ outputs: { pump: { plugin: device((value) => value) } } });
  const control = bench.control('pump');
  for (const last of [1, 0, 1, 0]) {
    control.wish('f', 0);
    control.wish('f', 1);
    control.wish('f', last);
    await bench.clock.advance('1 ms');
    t.is(bench.status('pump').confirmed, last);
  }
  control.wish('f', 1);
  await bench.clock.advance('1 ms');
  void bench.node.outputs.release('pump', 'nobody');
  control.wish('f', 1);
  void control.withdraw('f');
  await bench.clock.advance('1 ms');
  t.is(bench.status('pump').confirmed, 0);
});

test('a wish of a function is clamped to the range, and made on or off for a switch', async (t) => {
  const told: number[] = [];
  const plugin = (mode: 'switch' | 'level') =>
    device(
      (value) => {
        told.push(value);
        return value;
      },
      { mode },
    );
  await using bench = await benchOf({ outputs: { a: { plugin: plugin('switch') }, b: { plugin: plugin('level') } } });
  told.length = 0;
  for (const [id, wish] of [
    ['a', 0.2],
    ['a', -1],
    ['b', 7],
    ['b', -3],
  ] as const) {
    bench.control(id).wish('f', wish);
    await bench.clock.advance('1 ms');
  }
  t.deepEqual(told, [1, 0, 1, 0]);
});

test('stopping tells a slow move to end, and is safe before anything is released', async (t) => {
  const calls: string[] = [];
  const plugin = device(async (value, { clock, signal }) => {
    signal.addEventListener('abort', () => calls.push(`aborted ${value}`));
    await clock.sleep('4.5 s');
    calls.push(`reached ${value}`);
    return value;
  });
  const bench = await benchOf({
    outputs: {
      pump: {
        plugin: {
          ...plugin,
          start: async (handles, context) => {
            context.signal.addEventListener('abort', () => calls.push('stopping'));
            const output = await plugin.start(handles, context);
            return { ...output, stop: () => void calls.push('driver stopped') };
          },
        },
      },
    },
  });
  calls.length = 0;
  void bench.node.outputs.set('pump', { value: 1, owner: 'client a' }).catch(() => {});
  await bench.clock.advance('1 s');
  await bench[Symbol.asyncDispose]();
  t.deepEqual(calls.slice(0, 2), ['stopping', 'aborted 1']);
  t.true(calls.indexOf('reached 0') > 0 && calls.indexOf('reached 0') < calls.indexOf('driver stopped'), calls.join());
  t.false(calls.includes('aborted 0'));
});

test('a safe value the output cannot have is refused at the start', async (t) => {
  await using bench = await benchOf({ outputs: { pump: { plugin: device((value) => value), safe: 0.5 } } });
  t.not(bench.state('pump'), 'running');
  t.regex(JSON.stringify(bench.node.status()), /a switch is 0 or 1/);
});

test('a device that was moved behind our back is moved again within a minute', async (t) => {
  let value = 0;
  let told = 0;
  const plugin = device(
    (wanted) => {
      told++;
      return (value = wanted);
    },
    {},
    () => value,
  );
  await using bench = await benchOf({ outputs: { pump: { plugin, limits: { maxOn: '30 min' } } } });
  value = 1;
  await bench.clock.advance('61 s');
  t.is(value, 0);
  t.like(bench.status('pump'), { confirmed: 0, switches: 1 }, 'it was seen on');
  await bench.on('pump');
  value = 0;
  await bench.clock.advance('61 s');
  t.is(value, 1);
  t.true(told <= 4, `${told} calls`);
});

test('a driver that starts too late is put away, and never used', async (t) => {
  let [running, applied] = [0, 0];
  const clock = new VirtualClock();
  const plugin = defineOutput({
    id: 'slow',
    mode: 'switch',
    safe: 0,
    needs: {},
    start: async () => {
      await clock.sleep('12 s');
      running++;
      return { apply: (value) => (applied++, value), stop: () => void running-- };
    },
  });
  const bench = await benchOf({ outputs: { pump: { plugin } }, clock });
  t.is(bench.state('pump'), 'faulty');
  await clock.advance('1 h');
  t.true(running <= 1, `${running} drivers run`);
  await bench[Symbol.asyncDispose]();
  await clock.advance('1 min');
  t.deepEqual([running, applied], [0, 0]);
});
