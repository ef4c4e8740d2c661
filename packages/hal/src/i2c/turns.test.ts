import test from 'ava';
import fc from 'fast-check';
import { Turns } from './turns.js';

interface Item {
  readonly name: number;
  readonly priority: number;
  next: Item | undefined;
}

const item = (name: number, priority = 0): Item => ({ name, priority, next: undefined });

function drain(turns: Turns<Item>): number[] {
  const names: number[] = [];
  for (let taken = turns.take(); taken; taken = turns.take()) names.push(taken.name);
  return names;
}

test('one priority is first come first served', (t) => {
  const turns = new Turns<Item>(8);
  for (let i = 0; i < 5; i++) turns.add(item(i));
  t.deepEqual(drain(turns), [0, 1, 2, 3, 4]);
});

test('a higher priority goes first, whenever it came', (t) => {
  const turns = new Turns<Item>(8);
  turns.add(item(1, 0));
  turns.add(item(2, 5));
  turns.add(item(3, -1));
  turns.add(item(4, 5));
  t.deepEqual(drain(turns), [2, 4, 1, 3]);
});

test('whoever waits is passed at most `patience` times for each higher priority', (t) => {
  const priorities = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(priorities, fc.integer({ min: 1, max: 5 }), (coming, patience) => {
      const turns = new Turns<Item>(patience);
      const low = item(-1, -1);
      turns.add(low);
      // Somebody more important comes before every turn, for ever.
      for (let turn = 0; ; turn++) {
        turns.add(item(turn, coming[turn % coming.length] ?? 0));
        if (turns.take() === low) return turn <= patience * 4;
        if (turn > 1000) return false;
      }
    }),
  );
  t.pass();
});

test('nobody is lost or served twice, in any order of coming, going and leaving', (t) => {
  const action = fc.oneof(
    fc.record({ add: fc.integer({ min: -2, max: 2 }) }),
    fc.constant({ take: true }),
    fc.record({ remove: fc.integer({ min: 2, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const turns = new Turns<Item>(3);
      const present = new Set<number>();
      let names = 0;
      for (const step of actions) {
        if ('add' in step) {
          present.add(names);
          turns.add(item(names++, step.add));
        } else if ('take' in step) {
          const taken = turns.take();
          if (!taken && present.size > 0) return false;
          if (taken && !present.delete(taken.name)) return false;
        } else {
          for (const gone of turns.remove(({ name }) => name % step.remove === 0)) {
            if (gone.name % step.remove !== 0 || !present.delete(gone.name)) return false;
          }
          if ([...present].some((name) => name % step.remove === 0)) return false;
        }
        if (turns.size !== present.size) return false;
      }
      return drain(turns).every((name) => present.delete(name)) && present.size === 0;
    }),
  );
  t.pass();
});
