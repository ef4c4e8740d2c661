#!/usr/bin/env node
// I²C: many BME280-like chips on one bus, each triggered, waited for (9.3 ms) and read. Readings per second and use of the wires
// on a virtual clock, against the ideal from the arithmetic of bits; and on the system clock the CPU that sharing a bus costs
// per transfer, beside the bare call of the raw bus.
//
//   node test/bench/i2c.mjs [--quick] [--rounds N] [--json FILE]
import { Lifetime, ResourceRegistry, SystemClock } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { i2cDevice, SharedI2cBus } from '@hyphae/hal';
import { bitsOf, RegisterChip, simBoard } from '@hyphae/hal/sim';
import { report, runChild } from './lib/child.mjs';
import { medians, startCpu } from './lib/measure.mjs';
import { benchArgs, printTable, printTargets, writeJson } from './lib/report.mjs';

const CONVERSION_MS = 9.3;
const TRIGGER = [{ write: Uint8Array.of(0xf4, 0x25) }];
const READ = [{ write: Uint8Array.of(0xf7) }, { read: 8 }];
const READING_BITS = bitsOf(TRIGGER) + bitsOf(READ);
/** What the operating system takes for a transfer on a small board: a system call in a thread of the pool. */
const SYSTEM_MS = 0.06;

/** A chip that shows, in its last data byte, how many conversions it has finished. */
class Converter extends RegisterChip {
  onWrite(register) {
    if (register === 0xf4) this.convert(CONVERSION_MS, () => this.registers[0xfe]++);
  }
}

/** The most readings per second that wires and conversions allow. */
function ideal(chips, speedHz) {
  const wiresMs = (1000 * READING_BITS) / speedHz;
  return 1000 / Math.max(wiresMs, (CONVERSION_MS + wiresMs) / chips);
}

/** How a driver takes one reading. */
const DRIVERS = {
  async overlapping(device, clock) {
    await device.writeRegister(0xf4, 0x25);
    await clock.sleep(CONVERSION_MS);
    return (await device.readRegister(0xf7, 8))[7];
  },
  'holding the bus': (device, clock) => device.exclusively((alone) => DRIVERS.overlapping(alone, clock)),
};

/** Runs `chips` drivers for `seconds` of virtual time, each as fast as it can. */
async function virtual(driver, chips, speedHz, softwareMs, seconds) {
  const clock = new VirtualClock();
  const addresses = Array.from({ length: chips }, (_, i) => 0x08 + i);
  const sim = simBoard({ i2c: Object.fromEntries(addresses.map((a) => [a, new Converter()])), busTime: true, speedHz });
  const board = await sim.open({ clock });
  const registry = new ResourceRegistry([board]);
  const life = new Lifetime('bench');
  let devices = [];
  if (softwareMs === 0) {
    for (const address of addresses) {
      const claim = await registry.claim(i2cDevice({ addresses: [address] }), {
        owner: `chip ${address}`,
        lifetime: life,
      });
      devices.push(claim.handle);
    }
  } else {
    const wires = sim.bus();
    const raw = {
      name: wires.name,
      transfer: (address, segments) => clock.sleep(softwareMs).then(() => wires.transfer(address, segments)),
    };
    // Holding the bus for a conversion is the point of one contender: it must not be cut short.
    const shared = new SharedI2cBus(raw, { clock, exclusiveDeadline: '1 h' });
    devices = addresses.map((address) => shared.device(address, { lifetime: life }));
  }
  let readings = 0;
  let over = false;
  const loops = devices.map(async (device) => {
    let last;
    while (!over) {
      try {
        const count = await DRIVERS[driver](device, clock);
        if (count === last) throw new Error('a reading came before its conversion had ended');
        last = count;
        readings++;
      } catch (error) {
        if (over || error.code !== 'HYP_I2C_HELD') throw error;
      }
    }
  });
  await clock.advance('1 s'); // the first second settles who follows whom
  readings = 0;
  const busy = sim.bus().busyMs;
  await clock.advance(seconds * 1000);
  const found = { perSecond: readings / seconds, wires: (sim.bus().busyMs - busy) / (seconds * 1000) };
  over = true;
  await clock.run(Promise.allSettled(loops));
  await life[Symbol.asyncDispose]();
  await board[Symbol.asyncDispose]();
  return found;
}

/** Ways of making one transfer, to see what each costs in CPU. */
const CALLS = {
  'bare call of the raw bus': (raw) => () => raw.transfer(0x76, READ),
  'shared bus, idle': (raw, clock) => {
    const device = new SharedI2cBus(raw, { clock }).device(0x76);
    return () => device.transfer(READ);
  },
  'shared bus, 64 waiting': (raw, clock) => {
    const bus = new SharedI2cBus(raw, { clock });
    const devices = Array.from({ length: 64 }, (_, i) => bus.device(0x08 + i));
    return () => Promise.all(devices.map((device) => device.transfer(READ)));
  },
  'one promise chain as lock': (raw) => {
    let last = Promise.resolve();
    return () => {
      const next = last.then(() => raw.transfer(0x76, READ));
      last = next.then(
        () => undefined,
        () => undefined,
      );
      return next;
    };
  },
};

async function cpu(name, transfers) {
  const answer = [new Uint8Array(8)];
  const raw = { name: 'i2c-1', transfer: () => Promise.resolve(answer) };
  const call = CALLS[name](raw, new SystemClock());
  const each = name.includes('64') ? 64 : 1;
  for (let i = 0; i < 50_000 / each; i++) await call();
  const used = startCpu();
  for (let i = 0; i < transfers / each; i++) await call();
  report({ us: used() / transfers });
}

async function compare() {
  const options = benchArgs();
  const seconds = options.quick ? 2 : 10;
  const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
  const transfers = options.quick ? 200_000 : 1_000_000;

  const costs = {};
  for (const name of Object.keys(CALLS)) {
    const records = [];
    for (let round = 0; round < rounds; round++) {
      records.push(await runChild(new URL(import.meta.url), ['--child', name, String(transfers)]));
    }
    costs[name] = medians(records);
  }
  const bare = costs['bare call of the raw bus'].us;
  const sharingUs = costs['shared bus, 64 waiting'].us - bare;
  printTable(
    `CPU per transfer, ${transfers.toLocaleString('en')} transfers, median of ${rounds}`,
    Object.entries(costs).map(([call, { us }]) => ({
      call,
      'CPU µs': us.toFixed(3),
      'above bare': (us - bare).toFixed(3),
    })),
  );

  const rows = [];
  const cases = [16, 64].flatMap((chips) => [100_000, 400_000].map((speedHz) => ({ chips, speedHz })));
  for (const { chips, speedHz } of cases) {
    for (const [software, softwareMs] of [
      ['none', 0],
      ['ours, measured', sharingUs / 1000],
      ['ours and the system’s 60 µs', SYSTEM_MS + sharingUs / 1000],
    ]) {
      const found = await virtual('overlapping', chips, speedHz, softwareMs, seconds);
      rows.push({ driver: 'overlapping', chips, speedHz, software, ...found });
    }
    const found = await virtual('holding the bus', chips, speedHz, sharingUs / 1000, seconds);
    rows.push({ driver: 'holding the bus', chips, speedHz, software: 'ours, measured', ...found });
  }
  for (const row of rows) {
    row.ideal = ideal(row.chips, row.speedHz);
    row.ratio = row.perSecond / row.ideal;
  }
  printTable(
    `Readings of ${CONVERSION_MS} ms and ${READING_BITS} bits each, ${seconds} s of virtual time`,
    rows.map((row) => ({
      driver: row.driver,
      chips: row.chips,
      kHz: row.speedHz / 1000,
      'software per transfer': row.software,
      'readings/s': row.perSecond.toFixed(0),
      ideal: row.ideal.toFixed(0),
      'of ideal': `${(100 * row.ratio).toFixed(1)} %`,
      'wires in use': `${(100 * row.wires).toFixed(1)} %`,
    })),
  );
  console.log();
  const ours = rows.filter((row) => row.software === 'ours, measured');
  const worst = Math.min(...ours.filter((row) => row.driver === 'overlapping').map((row) => row.ratio));
  const gain = Math.min(
    ...cases.map(({ chips, speedHz }) => {
      const [over, holding] = ours.filter((row) => row.chips === chips && row.speedHz === speedHz);
      return over.perSecond / holding.perSecond;
    }),
  );
  const met = printTargets([
    { what: 'at least 90 % of the ideal', met: worst >= 0.9, found: `${(100 * worst).toFixed(1)} % at worst` },
    { what: 'waits do not hold the bus', met: gain > 5, found: `${gain.toFixed(1)} × of holding it, at least` },
  ]);
  if (options.json) await writeJson(options.json, { bench: 'i2c', seconds, rounds, met, costs, rows });
}

const [flag, name, transfers] = process.argv.slice(2);
if (flag === '--child') {
  await cpu(name, Number(transfers));
  process.exit(0);
} else await compare();
