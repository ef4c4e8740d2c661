import test from 'ava';
import fc from 'fast-check';
import { hasCode } from '../errors/hyphae-error.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { Lifetime } from './lifetime.js';

/** What ending a lifetime reports, or nothing. */
async function failuresOf(ending: PromiseLike<void>): Promise<readonly unknown[]> {
  try {
    await ending;
    return [];
  } catch (error) {
    if (error instanceof AggregateError) return error.errors as readonly unknown[]; // declared as any[]
    throw error;
  }
}

test('a lifetime ends in reverse, one at a time, and waits for each', async (t) => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const life = new Lifetime('kernel');
  life.defer(() => log.push('bus closed'));
  life.defer(async () => {
    log.push('output going to safe');
    await clock.sleep('20 ms');
    log.push('output safe');
  });
  life.defer(() => log.push('function stopped'));
  await clock.run(life[Symbol.asyncDispose]());
  t.deepEqual(log, ['function stopped', 'output going to safe', 'output safe', 'bus closed']);
});

test('the signal aborts before the first release, with a code', async (t) => {
  const life = new Lifetime('gh1/air');
  let seen: unknown;
  life.defer(() => (seen = life.signal.reason));
  t.false(life.signal.aborted);
  await life[Symbol.asyncDispose]();
  t.true(hasCode(seen, 'HYP_DISPOSED'));
});

test('every failure is reported together, after all releases were tried', async (t) => {
  const log: string[] = [];
  const life = new Lifetime('kernel');
  life.defer(() => log.push('first'));
  life.defer(() => {
    throw new Error('stuck relay');
  });
  life.defer(() => Promise.reject(new Error('stuck valve')));
  life.defer(() => log.push('last'));
  const error = await t.throwsAsync<AggregateError>(async () => life[Symbol.asyncDispose](), {
    instanceOf: AggregateError,
  });
  t.deepEqual(error.errors.map(String), ['Error: stuck valve', 'Error: stuck relay']);
  t.regex(error.message, /kernel/);
  t.deepEqual(log, ['last', 'first']);
});

test('ending twice is ending once', async (t) => {
  let released = 0;
  const life = new Lifetime('once');
  life.defer(() => released++);
  const ending = life[Symbol.asyncDispose]();
  t.is(life[Symbol.asyncDispose](), ending);
  await ending;
  await life[Symbol.asyncDispose]();
  t.is(released, 1);
});

test('a release that ends its own lifetime does not end it twice', async (t) => {
  let released = 0;
  const life = new Lifetime('self');
  life.defer(() => {
    released++;
    void life[Symbol.asyncDispose]();
  });
  await life[Symbol.asyncDispose]();
  t.is(released, 1);
});

test('nothing can be added once the end has begun', async (t) => {
  const life = new Lifetime('gone');
  life.defer(() => {
    t.true(
      hasCode(
        t.throws(() => life.defer(() => {})),
        'HYP_DISPOSED',
      ),
    );
  });
  await life[Symbol.asyncDispose]();
  t.true(
    hasCode(
      t.throws(() => life.child('late')),
      'HYP_DISPOSED',
    ),
  );
  t.true(
    hasCode(
      t.throws(() => life.own({ [Symbol.dispose]() {} })),
      'HYP_DISPOSED',
    ),
  );
});

test('a resource taken over is returned and released, synchronous or not', async (t) => {
  const log: string[] = [];
  const life = new Lifetime('owner');
  const both = {
    [Symbol.dispose]: () => void log.push('sync'),
    [Symbol.asyncDispose]: async () => void log.push('async preferred'),
  };
  const sync = { [Symbol.dispose]: () => void log.push('sync only') };
  t.is(life.own(both), both);
  life.own(sync, 'line');
  t.deepEqual(life.describe(), { name: 'owner', owned: ['Object', 'line'] });
  await life[Symbol.asyncDispose]();
  t.deepEqual(log, ['sync only', 'async preferred']);
});

test('a release beyond its deadline is reported and left behind, and the others still run', async (t) => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const life = new Lifetime('kernel', { clock, deadline: '2 s' });
  life.defer(() => log.push('bus closed'));
  life.defer(() => new Promise(() => {}), 'stuck driver');
  life.defer(() => clock.sleep('1.9 s'), 'slow driver');
  const [failure, ...others] = await clock.run(failuresOf(life[Symbol.asyncDispose]()));
  t.true(hasCode(failure, 'HYP_DEADLINE'));
  t.is((failure as Error).message, 'kernel: stuck driver did not end within 2 s');
  t.deepEqual(others, []);
  t.deepEqual(log, ['bus closed']);
  t.is(clock.monotonic(), 3900);
  t.deepEqual(clock.waiting, []);
});

test('a child ends with its parent, in its place among the parent’s parts', async (t) => {
  const log: string[] = [];
  const life = new Lifetime('kernel');
  life.defer(() => log.push('a'));
  const child = life.child('instance');
  child.defer(() => log.push('child 1'));
  child.defer(() => log.push('child 2'));
  life.defer(() => log.push('b'));
  await life[Symbol.asyncDispose]();
  t.deepEqual(log, ['b', 'child 2', 'child 1', 'a']);
  t.true(child.signal.aborted);
});

test('a child that ended early is forgotten by its parent', async (t) => {
  let released = 0;
  const life = new Lifetime('kernel');
  const child = life.child('instance');
  child.defer(() => released++);
  await child[Symbol.asyncDispose]();
  t.deepEqual(life.describe(), { name: 'kernel', owned: [] });
  t.false(life.signal.aborted);
  await life[Symbol.asyncDispose]();
  t.is(released, 1);
});

test('a child inherits clock and deadline, which count for each of its parts', async (t) => {
  const clock = new VirtualClock();
  const life = new Lifetime('kernel', { clock, deadline: '1 s' });
  const child = life.child('instance');
  for (const name of ['a', 'b', 'c']) child.defer(() => clock.sleep('0.9 s'), name);
  t.deepEqual(await clock.run(failuresOf(life[Symbol.asyncDispose]())), [], 'three times 0.9 s is no part’s deadline');
  t.is(clock.monotonic(), 2700);
});

test('a child’s failures reach the parent’s report', async (t) => {
  const life = new Lifetime('kernel');
  life.child('instance').defer(() => {
    throw new Error('stuck');
  });
  const [failure] = await failuresOf(life[Symbol.asyncDispose]());
  t.true(failure instanceof AggregateError);
  t.regex((failure as AggregateError).message, /instance/);
});

test('a deferral that is disposed is forgotten without being run', async (t) => {
  const log: string[] = [];
  const life = new Lifetime('kernel');
  const kept = life.defer(() => log.push('kept'));
  const forgotten = life.defer(() => log.push('forgotten'));
  forgotten[Symbol.dispose]();
  forgotten[Symbol.dispose]();
  await life[Symbol.asyncDispose]();
  kept[Symbol.dispose]();
  t.deepEqual(log, ['kept']);
});

test('a deferral disposed by a later release is not run', async (t) => {
  const log: string[] = [];
  const life = new Lifetime('kernel');
  const earlier = life.defer(() => log.push('earlier'));
  life.defer(() => {
    log.push('later');
    earlier[Symbol.dispose]();
  });
  await life[Symbol.asyncDispose]();
  t.deepEqual(log, ['later']);
});

test('the tree of what is owned can be printed', (t) => {
  const life = new Lifetime('kernel');
  life.defer(() => {}, 'store');
  const instance = life.child('gh1/air');
  instance.defer(() => {}, 'driver');
  instance.child('i2c i2c-1/0x76').defer(() => {}, 'claim');
  t.deepEqual(life.describe(), {
    name: 'kernel',
    owned: ['store', { name: 'gh1/air', owned: ['driver', { name: 'i2c i2c-1/0x76', owned: ['claim'] }] }],
  });
});

test('whatever a tree of lifetimes looks like, everything is released once, in reverse order', async (t) => {
  interface Tree {
    readonly parts: readonly (string | Tree)[];
  }
  const { tree } = fc.letrec<{ tree: Tree; part: string | Tree }>((tie) => ({
    tree: fc.record({ parts: fc.array(tie('part'), { maxLength: 5 }) }),
    part: fc.oneof({ depthSize: 'small' }, fc.constantFrom('ok', 'fails', 'slow'), tie('tree')),
  }));
  await fc.assert(
    fc.asyncProperty(tree, async (shape) => {
      const clock = new VirtualClock();
      const acquired: number[] = [];
      const released: number[] = [];
      let failing = 0;
      const build = (life: Lifetime, { parts }: Tree) => {
        for (const part of parts) {
          if (typeof part !== 'string') {
            build(life.child('child'), part);
            continue;
          }
          const id = acquired.length;
          acquired.push(id);
          if (part === 'fails') failing++;
          life.defer(async () => {
            if (part === 'slow') await clock.sleep(10);
            released.push(id);
            if (part === 'fails') throw new Error('failed');
          });
        }
      };
      const root = new Lifetime('root', { clock, deadline: '1 s' });
      build(root, shape);
      const count = (failures: readonly unknown[]): number =>
        failures.reduce<number>((sum, one) => sum + (one instanceof AggregateError ? count(one.errors) : 1), 0);
      t.is(count(await clock.run(failuresOf(root[Symbol.asyncDispose]()))), failing);
      t.deepEqual(released, acquired.reverse());
    }),
    { numRuns: 60 },
  );
});

test('who listens is told when the end begins, before the first release, unless he stopped listening', async (t) => {
  const life = new Lifetime('a');
  const told: string[] = [];
  life.defer(() => told.push('released'));
  life.onEnd(() => told.push(String(life.reason?.code)));
  life.onEnd(() => told.push('not any more'))[Symbol.dispose]();
  t.is(life.reason, undefined);
  life.throwIfEnded();
  await life[Symbol.asyncDispose]();
  t.deepEqual(told, ['HYP_DISPOSED', 'released']);
  t.throws(() => life.throwIfEnded(), { code: 'HYP_DISPOSED' });
});

test('a signal first asked for after the end has aborted, with the same reason', async (t) => {
  const life = new Lifetime('a');
  await life[Symbol.asyncDispose]();
  t.true(life.signal.aborted);
  t.is(life.signal.reason, life.reason);
});
