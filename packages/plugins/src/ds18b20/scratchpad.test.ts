import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '@hyphae/core';
import { dallasCrc8 } from './dallas-crc8.js';
import { decodeScratchpad } from './scratchpad.js';

/** A scratchpad with its CRC. */
function scratchpad(raw: number, { config = 0x7f, byte6 = 0x10, byte7 = 0x10 } = {}): Uint8Array {
  const body = [raw & 0xff, (raw >> 8) & 0xff, 0x4b, 0x46, config, 0xff, byte6, byte7];
  return Uint8Array.from([...body, dallasCrc8(Uint8Array.from(body))]);
}

test('the CRC is that of the ROM worked out in application note 27', (t) => {
  t.is(dallasCrc8(Uint8Array.of(0x02, 0x1c, 0xb8, 0x01, 0x00, 0x00, 0x00)), 0xa2);
});

test('a scratchpad read from a real chip passes, CRC and all', (t) => {
  // Dump of a DS18S20 after power-on in cpetrich/counterfeit_DS18B20, issue 3.
  const dump = Uint8Array.of(0xaa, 0x00, 0xb4, 0xb9, 0xff, 0xff, 0x0c, 0x10, 0x18);
  t.is(dallasCrc8(dump.subarray(0, 8)), 0x18);
});

// DS18B20 datasheet, table 1.
const TABLE: readonly (readonly [celsius: number, raw: number])[] = [
  [125, 0x07d0],
  [85, 0x0550],
  [25.0625, 0x0191],
  [10.125, 0x00a2],
  [0.5, 0x0008],
  [0, 0x0000],
  [-0.5, 0xfff8],
  [-10.125, 0xff5e],
  [-25.0625, 0xfe6f],
  [-55, 0xfc90],
];
for (const [celsius, raw] of TABLE) {
  test(`0x${raw.toString(16).padStart(4, '0')} is ${celsius} °C, as in the datasheet`, (t) => {
    for (const family of [0x28, 0x22, 0x42]) t.is(decodeScratchpad(scratchpad(raw), family, 'probe'), celsius);
    t.is(decodeScratchpad(scratchpad(raw), 0x3b, 'probe'), celsius);
  });
}

// DS18S20 datasheet, table 1: half degrees. COUNT REMAIN 12 stands for no remainder, 4 for half a degree.
const HALVES: readonly (readonly [celsius: number, raw: number, countRemain: number])[] = [
  [25, 0x0032, 12],
  [0.5, 0x0001, 4],
  [0, 0x0000, 12],
  [-0.5, 0xffff, 4],
  [-25, 0xffce, 12],
  [-55, 0xff92, 12],
];
for (const [celsius, raw, byte6] of HALVES) {
  test(`a DS18S20 at 0x${raw.toString(16).padStart(4, '0')} is at ${celsius} °C, as in its datasheet`, (t) => {
    t.is(decodeScratchpad(scratchpad(raw, { byte6 }), 0x10, 'probe'), celsius);
  });
}

test('a DS18S20 gives sixteenths of a degree from its counters', (t) => {
  t.is(decodeScratchpad(scratchpad(0x0032, { byte6: 15 }), 0x10, 'probe'), 24.8125);
  t.is(decodeScratchpad(scratchpad(0x0033, { byte6: 1 }), 0x10, 'probe'), 25.6875);
  t.throws(() => decodeScratchpad(scratchpad(0x0032, { byte7: 0 }), 0x10, 'probe'), { code: 'HYP_DEVICE_NOT_READY' });
});

test('bits below the resolution are undefined and do not count', (t) => {
  const cases = [
    [0x1f, 0x0197, 25],
    [0x3f, 0x0193, 25],
    [0x5f, 0x0191, 25],
    [0x7f, 0x0191, 25.0625],
    [0x1f, 0xfe6f, -25.5],
  ] as const;
  for (const [config, raw, celsius] of cases) {
    t.is(decodeScratchpad(scratchpad(raw, { config }), 0x28, 'probe'), celsius, `configuration ${config}`);
  }
});

test('85 °C is a temperature after a conversion and no result after power-on', (t) => {
  t.is(decodeScratchpad(scratchpad(0x0550, { byte6: 0x10 }), 0x28, 'probe'), 85);
  t.throws(() => decodeScratchpad(scratchpad(0x0550, { byte6: 0x0c }), 0x28, 'probe'), {
    code: 'HYP_DEVICE_NOT_READY',
    message: /powered on/,
  });
  t.throws(() => decodeScratchpad(scratchpad(0x00aa, { byte6: 0x0c }), 0x10, 'probe'), {
    code: 'HYP_DEVICE_NOT_READY',
  });
  t.is(decodeScratchpad(scratchpad(0x0551, { byte6: 0x0c }), 0x28, 'probe'), 85.0625);
});

test('the values of failed conversions, −127 and 127.94 °C, are no temperatures', (t) => {
  for (const raw of [0xf810, 0x07ff, 0x07d1, 0xfc8f]) {
    t.throws(
      () => decodeScratchpad(scratchpad(raw), 0x28, 'probe'),
      { code: 'HYP_DEVICE_NOT_READY' },
      raw.toString(16),
    );
  }
});

test('nothing on the line is no temperature, though nine zeros have a valid CRC', (t) => {
  t.is(dallasCrc8(new Uint8Array(8)), 0);
  for (const bytes of [new Uint8Array(9), new Uint8Array(9).fill(0xff), new Uint8Array(0), new Uint8Array(8)]) {
    t.throws(() => decodeScratchpad(bytes, 0x28, 'probe'), { code: 'HYP_DEVICE_NOT_READY' });
  }
});

test('a MAX31850 under the DS1825’s family code is refused by name', (t) => {
  t.throws(() => decodeScratchpad(scratchpad(0x0191, { config: 0xff }), 0x3b, 'probe'), {
    code: 'HYP_DEVICE_IDENTITY',
    message: /MAX31850/,
  });
});

test('a view into a larger buffer is read at its own offset', (t) => {
  const larger = new Uint8Array(32).fill(0xa5);
  larger.set(scratchpad(0x0191), 7);
  t.is(decodeScratchpad(larger.subarray(7, 16), 0x28, 'probe'), 25.0625);
});

test('no single flipped bit ever becomes a temperature', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -55 * 16, max: 125 * 16 }), fc.integer({ min: 0, max: 71 }), (raw, bit) => {
      const bytes = scratchpad(raw);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const error = t.throws(() => decodeScratchpad(bytes, 0x28, 'probe'));
      return hasCode(error, 'HYP_CHECKSUM') || hasCode(error, 'HYP_DEVICE_NOT_READY');
    }),
  );
  t.pass();
});

test('whatever nine bytes arrive, the result is a temperature in range or a catalogued error', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.constantFrom(0x10, 0x22, 0x28, 0x3b, 0x42),
      (body, family) => {
        const bytes = Uint8Array.from([...body, dallasCrc8(body)]);
        try {
          const celsius = decodeScratchpad(bytes, family, 'probe');
          return celsius >= -55 && celsius <= 125;
        } catch (error) {
          return hasCode(error, 'HYP_DEVICE_NOT_READY') || hasCode(error, 'HYP_DEVICE_IDENTITY');
        }
      },
    ),
  );
  t.pass();
});
