import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { hyphae, temporary } from '../cli/command.test.helper.js';

/** Runs a scenario on the greenhouse that comes with the command. */
async function run(folder: string, scenario: string, ...args: string[]) {
  await writeFile(join(folder, 'scenario.yaml'), scenario);
  return hyphae(['simulate', '--scenario', 'scenario.yaml', ...args], { cwd: folder });
}

interface Result {
  readonly seed: number;
  readonly simulatedMs: number;
  readonly events: readonly { readonly at: number; readonly event: string }[];
  readonly expectations: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly why: string;
    readonly at?: number;
  }[];
}

const START = Date.parse('2030-01-15T06:00:00Z');

test.serial('events happen at their times, expectations are judged, and the exit status says how', async (t) => {
  await using temp = await temporary();
  const scenario = `
scenario: 1
name: a bad morning
for: 40 min
seed: 5
from: 2030-01-15T06:00:00Z
events:
  - { at: 10 min, for: 5 min, unplug: i2c-1/0x76, name: chip gone }
  - { at: 20 min, for: 1 min, command: { output: gh1/fan, value: on } }
expect:
  - { name: lost, when: gh1/air/temperature is bad, then: gh1/heater/state == off, within: 5 s }
  - { name: fan, never: gh1/fan/state == on, longerThan: 2 min }
`;
  const passed = await run(temp.folder, scenario, '--json', '--log', 'run.jsonl', '--junit', 'out.xml');
  t.is(passed.status, 0, passed.err);
  const result = JSON.parse(passed.out) as Result; // own output
  t.like(result, { seed: 5, simulatedMs: 2_400_000 });
  t.deepEqual(
    result.events.map(({ at, event }) => [Math.round((at - START) / 1000), event]),
    [
      [600, 'chip gone begins'],
      [900, 'chip gone ends'],
      [1200, 'set gh1/fan to on begins'],
    ],
  );
  t.deepEqual(
    result.expectations.map(({ name, outcome }) => [name, outcome]),
    [
      ['lost', 'passed'],
      ['fan', 'passed'],
    ],
  );
  t.regex(await readFile(join(temp.folder, 'out.xml'), 'utf8'), /tests="2" failures="0"/);
  t.regex(await readFile(join(temp.folder, 'run.jsonl'), 'utf8'), /"event":"chip gone begins"/);

  const failed = await run(
    temp.folder,
    scenario.replace('longerThan: 2 min', 'longerThan: 30 s'),
    '--json',
    '--junit',
    'out.xml',
  );
  t.is(failed.status, 1);
  const [, fan] = (JSON.parse(failed.out) as Result).expectations; // own output
  t.like(fan, { outcome: 'failed' });
  t.is(Math.round(((fan?.at ?? 0) - START) / 1000), 1230, 'the time at which it had been on for too long');
  t.regex(
    await readFile(join(temp.folder, 'out.xml'), 'utf8'),
    /again: hyphae simulate --scenario scenario.yaml --for 40min --seed 5 --from 2030-01-15T06:00:00Z/,
  );
});

test.serial(
  'two runs of a scenario with faults give the same log, byte for byte, and another seed another',
  async (t) => {
    await using temp = await temporary();
    const scenario = `
scenario: 1
for: 1 h
events:
  - { at: 5 min, for: 20 min, bus: { name: i2c-1, fault: nack, rate: 0.3 } }
  - { at: 30 min, for: 5 min, bus: { name: i2c-1, fault: bitErrors, rate: 0.001 } }
  - { at: 40 min, clock: { step: -10 min } }
`;
    const logs = [];
    for (const seed of ['1', '1', '2']) {
      const { status, err } = await run(temp.folder, scenario, '--seed', seed, '--log', 'run.jsonl', '--json');
      t.is(status, 0, err);
      logs.push(await readFile(join(temp.folder, 'run.jsonl'), 'utf8'));
    }
    t.is(logs[0], logs[1]);
    t.not(logs[0], logs[2]);
    t.regex(logs[0] ?? '', /"quality":"bad"/);
  },
);

test.serial('what a scenario gets wrong is told with its place, all at once, before anything runs', async (t) => {
  await using temp = await temporary();
  const shape = await run(
    temp.folder,
    `scenario: 1
for: 1 h
from: yesterday
events:
  - { at: 2 h, unplug: i2c-1/0x76 }
  - { at: 1 min, unplugg: i2c-1/0x76 }
  - { at: soon, command: { output: gh1/fan, value: open } }
expect:
  - { always: gh1/air/temperature <> 3 }
`,
  );
  t.is(shape.status, 1);
  t.regex(shape.err, /scenario.yaml:6:\d+ events\[1\].*unplugg: did you mean "unplug"/);
  t.regex(shape.err, /scenario.yaml:7:\d+ events\[2\].at/);

  const times = await run(
    temp.folder,
    `scenario: 1
for: 1 h
from: yesterday
events:
  - { at: 2 h, unplug: i2c-1/0x76 }
expect:
  - { always: gh1/air/temperature <> 3 }
`,
  );
  t.is(times.status, 1);
  t.regex(times.err, /scenario.yaml:3:\d+ from: yesterday is no point in time/);
  t.regex(times.err, /scenario.yaml:5:\d+ events\[0\].at: the run is over by then/);
  t.regex(times.err, /scenario.yaml:7:\d+ expect\[0\]/);

  const absent = await run(
    temp.folder,
    `scenario: 1
for: 1 h
events:
  - { at: 1 min, unplug: i2c-1/0x75 }
  - { at: 1 min, command: { output: gh1/fun, value: on } }
  - { at: 1 min, bus: { name: i2c-7, fault: stuck } }
  - { at: 1 min, drive: { actuator: door, value: 1 } }
expect:
  - { always: gh1/air/temprature > 3 }
`,
  );
  t.is(absent.status, 1);
  t.regex(absent.err, /:4:\d+ events\[0\].unplug: no i2c-1\/0x75/);
  t.regex(absent.err, /:5:\d+ events\[1\].command: no output gh1\/fun; did you mean "gh1\/fan"/);
  t.regex(absent.err, /:6:\d+ events\[2\].bus: the board has no bus i2c-7/);
  t.regex(absent.err, /:7:\d+ events\[3\].drive: .*door/);
  t.regex(absent.err, /:9:\d+ expect\[0\]: no channel gh1\/air\/temprature; did you mean "gh1\/air\/temperature"/);
});

test.serial('a sensor that is wrong misleads control, and the plant shows it to another sensor', async (t) => {
  await using temp = await temporary();
  const scenario = (sense: string) => `
scenario: 1
for: 4 h
events:
  - { at: 2 h, sense: { of: i2c-1/0x76, quantity: temperature, ${sense} } }
expect:
  - { name: shown, always: gh1/air/temperature in 20..22, after: 3 h }
  - { name: real, always: gh1/bench/temperature in 20..22, after: 3 h }
`;
  const outcomes = async (sense: string) => {
    const { out, err } = await run(temp.folder, scenario(sense), '--json');
    t.true(out.startsWith('{'), err);
    return (JSON.parse(out) as Result).expectations.map(({ outcome }) => outcome); // own output
  };
  t.deepEqual(await outcomes('fault: offset, by: 5'), ['passed', 'failed'], 'control holds what it is shown');
  t.deepEqual(await outcomes('fault: drift, perHour: 0.01'), ['passed', 'passed'], 'too little to be noticed');
  t.deepEqual(await outcomes('fault: drift, perHour: 2'), ['passed', 'failed']);
  t.deepEqual(
    await outcomes('fault: spikes, by: 1.5, rate: 0.05'),
    ['failed', 'failed'],
    'each switches the heater off for its minimum time',
  );
  const missing = await run(temp.folder, scenario('fault: spikes, by: 15'));
  t.is(missing.status, 1);
  t.regex(missing.err, /events\[0\].sense: spikes need `rate`/);
});

test.serial('a run without a length, or from no date, is refused', async (t) => {
  await using temp = await temporary();
  const endless = await hyphae(['simulate'], { cwd: temp.folder });
  t.is(endless.status, 1);
  t.regex(endless.err, /HYP_SIMULATION.*say how long/);
  const never = await hyphae(['simulate', '--for', '1 s', '--from', 'noon'], { cwd: temp.folder });
  t.is(never.status, 1);
  t.regex(never.err, /HYP_SIMULATION.*noon is no point in time/);
  const unwritable = await run(temp.folder, 'scenario: 1\nfor: 1 s\n', '--junit', 'no/such/folder.xml');
  t.is(unwritable.status, 1);
  t.regex(unwritable.err, /HYP_RUN_LOG.*no\/such\/folder.xml/);
});
