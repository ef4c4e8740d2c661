import test from 'ava';
import fc from 'fast-check';
import { ReceiveBuffer } from './receive-buffer.js';

test('it is a queue of bytes with a limit, whatever is added, taken and dropped', (t) => {
  const action = fc.oneof(
    fc.record({ add: fc.uint8Array({ maxLength: 400 }) }),
    fc.record({ take: fc.nat(500) }),
    fc.record({ drop: fc.nat(500) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const buffer = new ReceiveBuffer(1000);
      let model: number[] = [];
      for (const step of actions) {
        if ('add' in step) {
          const room = Math.min(step.add.length, 1000 - model.length);
          if (buffer.add(step.add) !== room) return false;
          model = [...model, ...step.add.subarray(0, room)];
        } else if ('take' in step) {
          const taken = [...buffer.take(step.take)];
          if (JSON.stringify(taken) !== JSON.stringify(model.splice(0, step.take))) return false;
        } else {
          buffer.drop(step.drop);
          model.splice(0, step.drop);
        }
        if (JSON.stringify([...buffer.view]) !== JSON.stringify(model)) return false;
      }
      return true;
    }),
  );
  t.pass();
});
