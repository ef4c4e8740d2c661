import test from 'ava';
import { DeviceNotReadyError } from '../errors/catalogue.js';
import { hasCode } from '../errors/hyphae-error.js';
import { Lifetime } from '../lifetime/lifetime.js';
import type { Board } from './board.js';
import { type Need, optional } from './need.js';
import { ResourceRegistry } from './registry.js';

/** A board of one kind of resource, which opens an address as the text `opened ADDRESS`. */
function board(kind: string, addresses: readonly string[], parts: Partial<Board> = {}): Board {
  return {
    name: 'bench',
    simulated: true,
    list: async () => addresses.map((address) => ({ kind, address, label: `${kind} at ${address}` })),
    match: (need, use) => {
      if (need.kind !== kind) return [];
      const wanted = use === undefined ? need.choices : [use];
      return wanted.filter((address) => addresses.includes(address));
    },
    open: async (_, address) => `opened ${address}`,
    async [Symbol.asyncDispose]() {},
    ...parts,
  };
}
const chip: Need<string> = { kind: 'i2c', choices: ['i2c-1/0x76', 'i2c-1/0x77'] };

test('a claim opens the resource and says what it is', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x76'])]);
  await using claim = await registry.claim(chip, { owner: 'gh1/air', lifetime: new Lifetime('gh1/air') });
  t.like(claim, {
    resource: 'i2c i2c-1/0x76',
    owner: 'gh1/air',
    handle: 'opened i2c-1/0x76',
    simulated: true,
    board: 'bench',
  });
  t.deepEqual([...registry.held], [['i2c i2c-1/0x76', 'gh1/air']]);
});

test('two owners cannot hold one address, and the message names both', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x76'])]);
  await using claim = await registry.claim(chip, { owner: 'gh1/air', lifetime: new Lifetime('gh1/air') });
  t.is(claim.owner, 'gh1/air');
  const lifetime = new Lifetime('tent/air');
  const error = await t.throwsAsync(registry.claim(chip, { owner: 'tent/air', lifetime }));
  t.true(hasCode(error, 'HYP_CLAIM_CONFLICT'));
  t.is(error.message, 'tent/air asked for i2c i2c-1/0x76, which gh1/air already holds');
  t.deepEqual(lifetime.describe().owned, [], 'the refused one is left with nothing');
});

test('two claims at the same moment: one of them gets it', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x76'])]);
  const claims = await Promise.allSettled(
    ['a', 'b'].map((owner) => registry.claim(chip, { owner, lifetime: new Lifetime(owner) })),
  );
  t.deepEqual(
    claims.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});

test('the first choice that is free is taken', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x76', 'i2c-1/0x77'])]);
  const lifetime = new Lifetime('test');
  const [first, second] = [
    await registry.claim(chip, { owner: 'a', lifetime }),
    await registry.claim(chip, { owner: 'b', lifetime }),
  ];
  t.is(first.handle, 'opened i2c-1/0x76');
  t.is(second.handle, 'opened i2c-1/0x77');
  await first[Symbol.asyncDispose]();
  t.is((await registry.claim(chip, { owner: 'c', lifetime })).handle, 'opened i2c-1/0x76');
  await lifetime[Symbol.asyncDispose]();
  t.is(registry.held.size, 0);
});

test('what the user names is what is claimed, or nothing', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x76', 'i2c-1/0x77'])]);
  const lifetime = new Lifetime('test');
  const claim = await registry.claim(chip, { owner: 'a', lifetime, use: 'i2c-1/0x77' });
  t.is(claim.handle, 'opened i2c-1/0x77');
  const error = await t.throwsAsync(registry.claim(chip, { owner: 'b', lifetime, use: 'i2c-1/0x77' }));
  t.true(hasCode(error, 'HYP_CLAIM_CONFLICT'), 'though 0x76 is free');
  await lifetime[Symbol.asyncDispose]();
});

test('what no board has is missing, and the message lists what there is of its kind', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x44']), board('gpio', ['gpiochip0/17'])]);
  const lifetime = new Lifetime('test');
  const error = await t.throwsAsync(registry.claim(chip, { owner: 'a', lifetime }));
  t.true(hasCode(error, 'HYP_RESOURCE_MISSING'));
  t.is(error.message, 'No board offers i2c i2c-1/0x76 or i2c-1/0x77; offered are: i2c-1/0x44');
  const named = await t.throwsAsync(registry.claim(chip, { owner: 'a', lifetime, use: 'i2c-3' }));
  t.regex(named.message, /i2c i2c-3; offered are: i2c-1\/0x44$/);
  const none = await t.throwsAsync(registry.claim({ kind: 'serial', choices: [] }, { owner: 'a', lifetime }));
  t.regex(none.message, /serial \(none named under `use`\); offered are: nothing$/);
});

test('the list of what is offered stays readable, however much there is', async (t) => {
  const many = Array.from({ length: 500 }, (_, i) => `gpiochip0/${i}`);
  const registry = new ResourceRegistry([board('gpio', many)]);
  const need = { kind: 'gpio', choices: ['gpiochip9/1'] };
  const error = await t.throwsAsync(registry.claim(need, { owner: 'a', lifetime: new Lifetime('a') }));
  t.true(error.message.length < 400);
});

test('an open that fails gives the board’s error and releases the claim and all it had opened', async (t) => {
  const log: string[] = [];
  const failing = board('i2c', ['i2c-1/0x76'], {
    open: async (_need, address, { lifetime }) => {
      lifetime.defer(() => log.push('descriptor closed'));
      throw new DeviceNotReadyError({ device: address, why: 'no power' });
    },
  });
  const registry = new ResourceRegistry([failing]);
  const lifetime = new Lifetime('a');
  const error = await t.throwsAsync(registry.claim(chip, { owner: 'a', lifetime }));
  t.true(hasCode(error, 'HYP_DEVICE_NOT_READY'));
  t.deepEqual(log, ['descriptor closed']);
  t.is(registry.held.size, 0);
  t.deepEqual(lifetime.describe().owned, []);
});

test('an open whose release fails too still gives the board’s error', async (t) => {
  const failing = board('i2c', ['i2c-1/0x76'], {
    open: async (_need, address, { lifetime }) => {
      lifetime.defer(() => {
        throw new Error('cannot close either');
      });
      throw new DeviceNotReadyError({ device: address, why: 'no power' });
    },
  });
  const registry = new ResourceRegistry([failing]);
  const error = await t.throwsAsync(registry.claim(chip, { owner: 'a', lifetime: new Lifetime('a') }));
  t.true(hasCode(error, 'HYP_DEVICE_NOT_READY'));
  t.is(registry.held.size, 0);
});

test('a claim ends with its lifetime: what was opened is closed before the resource is free', async (t) => {
  const log: unknown[] = [];
  const registry: ResourceRegistry = new ResourceRegistry([
    board('i2c', ['i2c-1/0x76'], {
      open: async (_need, address, { lifetime }) => {
        lifetime.defer(() => log.push(`closed, ${registry.held.size} held`));
        return address;
      },
    }),
  ]);
  const lifetime = new Lifetime('a');
  await registry.claim(chip, { owner: 'a', lifetime });
  await lifetime[Symbol.asyncDispose]();
  t.deepEqual(log, ['closed, 1 held']);
  t.is(registry.held.size, 0);
});

test('a claim whose lifetime ends while it opens is refused', async (t) => {
  let opened: (handle: string) => void = () => {};
  const slow = board('i2c', ['i2c-1/0x76'], { open: () => new Promise((resolve) => (opened = resolve)) });
  const registry = new ResourceRegistry([slow]);
  const lifetime = new Lifetime('a');
  const claiming = registry.claim(chip, { owner: 'a', lifetime });
  await lifetime[Symbol.asyncDispose]();
  opened('too late');
  t.true(hasCode(await t.throwsAsync(claiming), 'HYP_DISPOSED'));
  t.is(registry.held.size, 0);
});

test('a board may be added under a name and taken away, and taking it away twice takes no other', async (t) => {
  const registry = new ResourceRegistry([board('gpio', ['gpiochip0/17'])]);
  const added = registry.add(board('i2c', ['i2c-1/0x76']), 'rack 2');
  t.deepEqual(
    (await registry.list()).map((info) => `${info.board}: ${info.address}`),
    ['bench: gpiochip0/17', 'rack 2: i2c-1/0x76'],
  );
  added[Symbol.dispose]();
  added[Symbol.dispose]();
  t.deepEqual(
    (await registry.list()).map((info) => info.address),
    ['gpiochip0/17'],
  );
});

test('the list shows who owns what', async (t) => {
  const registry = new ResourceRegistry([board('i2c', ['i2c-1/0x76', 'i2c-1/0x77'])]);
  await using claim = await registry.claim(chip, { owner: 'gh1/air', lifetime: new Lifetime('a') });
  t.truthy(claim);
  t.deepEqual(await registry.list(), [
    { kind: 'i2c', address: 'i2c-1/0x76', label: 'i2c at i2c-1/0x76', board: 'bench', owner: 'gh1/air' },
    { kind: 'i2c', address: 'i2c-1/0x77', label: 'i2c at i2c-1/0x77', board: 'bench' },
  ]);
});

test('an optional need is the same need, marked', (t) => {
  const need = optional(chip);
  t.deepEqual(need, { ...chip, optional: true } as typeof need); // the handle's type alone differs
  t.is(chip.optional, undefined);
});

test('an address that two boards have is refused until the board is named, and then each has its own owner', async (t) => {
  const registry = new ResourceRegistry();
  registry.add(board('i2c', ['i2c-1/0x76']), 'linux');
  registry.add(board('i2c', ['i2c-1/0x76']), 'sim');
  const claim = (owner: string, use: string) => registry.claim(chip, { owner, lifetime: new Lifetime(owner), use });
  const error = await t.throwsAsync(claim('a', 'i2c-1/0x76'));
  t.true(hasCode(error, 'HYP_RESOURCE_AMBIGUOUS'));
  t.is(error.message, 'Several boards offer i2c i2c-1/0x76: linux, sim; write which one, such as linux:i2c-1/0x76');
  await using real = await claim('a', 'linux:i2c-1/0x76');
  await using simulated = await claim('b', 'sim:i2c-1/0x76');
  t.deepEqual([real.board, simulated.board], ['linux', 'sim']);
  t.is(real.resource, 'i2c linux:i2c-1/0x76');
  t.true(hasCode(await t.throwsAsync(claim('c', 'sim:i2c-1/0x76')), 'HYP_CLAIM_CONFLICT'));
});

test('boards are asked in the order of their rank, whichever was opened first', async (t) => {
  const registry = new ResourceRegistry();
  registry.add(board('i2c', ['i2c-1/0x77']), 'second', 1);
  registry.add(board('i2c', ['i2c-1/0x76']), 'first', 0);
  await using claim = await registry.claim(chip, { owner: 'a', lifetime: new Lifetime('a') });
  t.is(claim.board, 'first');
});

test('a line that is held stays held when a second board with its address comes, and when its own goes and comes again', async (t) => {
  const registry = new ResourceRegistry();
  const linux = board('gpio', ['gpiochip0/17']);
  const added = registry.add(linux, 'linux');
  const need = { kind: 'gpio', choices: [] };
  const claim = (owner: string, use: string) => registry.claim(need, { owner, lifetime: new Lifetime(owner), use });
  await using heater = await claim('heater', 'gpiochip0/17');
  t.is(heater.resource, 'gpio gpiochip0/17');

  registry.add(board('gpio', ['gpiochip0/17']), 'sim');
  t.true(hasCode(await t.throwsAsync(claim('thief', 'linux:gpiochip0/17')), 'HYP_CLAIM_CONFLICT'));
  t.deepEqual(
    (await registry.list()).map((info) => [info.board, info.owner]),
    [
      ['linux', 'heater'],
      ['sim', undefined],
    ],
  );

  added[Symbol.dispose]();
  await using lamp = await claim('lamp', 'gpiochip0/17');
  t.is(lamp.board, 'sim');
  t.deepEqual(
    [...registry.held],
    [
      ['gpio gpiochip0/17', 'heater'],
      ['gpio sim:gpiochip0/17', 'lamp'],
    ],
  );
  registry.add(linux, 'linux');
  t.true(hasCode(await t.throwsAsync(claim('thief', 'linux:gpiochip0/17')), 'HYP_CLAIM_CONFLICT'));
});
