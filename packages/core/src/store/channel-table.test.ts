import test from 'ava';
import fc from 'fast-check';
import type { Measurement } from '../measurements/measurement.js';
import { ChannelTable, StoredChannel } from './channel-table.js';

const measurement = fc.record({
  source: fc.constantFrom('gh1', 'gh1/air', 'gh2'),
  channel: fc.constantFrom('a', 'air/a', 'b'),
  unit: fc.constantFrom('Cel', 'K'),
  kind: fc.constantFrom('m' as const, 's' as const, undefined),
});

test('a channel is found by its path, unit and kind, whatever came before it and whatever was forgotten', (t) => {
  fc.assert(
    fc.property(
      fc.array(measurement, { minLength: 1, maxLength: 6 }),
      fc.array(fc.oneof(measurement, fc.constant('repeat' as const), fc.constant('confirm' as const), fc.nat(3)), {
        maxLength: 30,
      }),
      (cycle, steps) => {
        const table = new ChannelTable((handle, path, unit, kind) => new StoredChannel(handle, path, unit, kind));
        const keys: string[] = [];
        let pending = 0;
        for (const step of steps) {
          if (step === 'confirm') {
            table.confirm();
            pending = 0;
          } else if (typeof step === 'number') {
            const keep = Math.min(step, pending);
            table.discard(step);
            keys.length -= pending - keep;
            pending = keep;
          } else {
            for (const { source, channel, unit, kind } of step === 'repeat' ? cycle : [step]) {
              const key = [`${source}/${channel}`, unit, kind ?? 'm'].join();
              if (!keys.includes(key)) {
                keys.push(key);
                pending++;
              }
              const reading = { source, channel, unit, at: 0, value: 0, quality: 'good', ...(kind ? { kind } : {}) };
              t.is(table.resolve(reading as Measurement).handle, keys.indexOf(key) + 1);
            }
          }
        }
        t.is(table.count, keys.length);
      },
    ),
    { seed: 3, numRuns: 2_000 },
  );
});
