import test from 'ava';
import { parse } from 'yaml';
import { parseExpectations } from './parse-expectations.js';
import { HOUR, MINUTE, SECOND } from './runs.test.helper.js';

test('every form is read with its keys', (t) => {
  const { expectations, problems } = parseExpectations(
    parse(`
- name: air is right by day
  always: gh1/air/temperature in 20..22
  share: 95 %
  for: 5min
  during: 08:00-20:00
  zone: Europe/Berlin
- never: gh1/pump/state == on
  longerThan: 10 min
  inAny: 1 h
  after: 2 h
- when: gh1/air/temperature is stale
  then: gh1/heater/state == off
  within: 5 s
  for: 1 min
  mayNotHappen: true
- always: gh1/pump/state == off
  until: gh1/tank/level > 50
`),
  );
  t.deepEqual(problems, []);
  t.like(expectations[0], {
    name: 'air is right by day',
    rule: { form: 'always', share: 0.95, forMs: 5 * MINUTE },
    during: { text: '08:00-20:00 Europe/Berlin' },
  });
  t.like(expectations[1], {
    name: 'never gh1/pump/state == 1 for longer than 10 min in any 1 h',
    afterMs: 2 * HOUR,
    rule: { form: 'never', longerThanMs: 10 * MINUTE, inAnyMs: HOUR },
    during: undefined,
  });
  t.like(expectations[2], {
    name: 'when gh1/air/temperature is stale, then gh1/heater/state == 0 within 5 s for 1 min',
    paths: ['gh1/air/temperature', 'gh1/heater/state'],
    rule: { form: 'response', withinMs: 5 * SECOND, forMs: MINUTE, mayNotHappen: true },
  });
  t.like(expectations[3], {
    name: 'always gh1/pump/state == 0 until gh1/tank/level > 50',
    paths: ['gh1/pump/state', 'gh1/tank/level'],
    rule: { form: 'until', mayNotHappen: false },
  });
});

test('a share is written with % or as a number up to 1', (t) => {
  for (const share of ['95 %', '95%', 0.95, '0.95']) {
    const { rule } = parseExpectations([{ always: 'a/x > 1', share }]).expectations[0] ?? {};
    t.like(rule, { share: 0.95 }, String(share));
  }
});

const WRONG: Readonly<Record<string, readonly string[]>> = {
  'always: a/x = 1': ['always: character 5: expected <'],
  'always: 5': ['always: write a condition such as gh1/air/temperature in 20..22'],
  'name: x': [': says nothing that is expected; write always:, never:, or when: with then: and within:'],
  'always: a/x > 1\nnever: a/x < 0': ['never: stands beside always, and an entry is one expectation; make two entries'],
  'alway: a/x > 1': [': says nothing that is expected', 'alway: unknown key "alway"; did you mean "always"?'],
  'always: a/x > 1\nshar: 95 %': ['shar: unknown key "shar"; did you mean "share"?'],
  'always: a/x > 1\nshare: 95': ['share: a share is at most 1; did you mean 95 %?'],
  'always: a/x > 1\nshare: 0 %': ['share: a share is more than 0 % and at most 100 %'],
  'always: a/x > 1\nshare: 101 %': ['share: a share is more than 0 % and at most 100 %'],
  'always: a/x > 1\nshare: most': ['share: write a share of the time, such as 95 % or 0.95'],
  'always: a/x > 1\nlongerThan: 5 min': ['longerThan: does not go with always: write for: how long a break lasts'],
  'always: a/x > 1\nwithin: 5 s': ['within: does not go with always: write when: … then: … within: …'],
  'always: a/x > 1\nmayNotHappen: true': [
    'mayNotHappen: does not go with always: it goes with always … until or when … then',
  ],
  'always: a/x > 1\nuntil: a/y > 1\nshare: 95 %': ['share: does not go with always … until: make two entries of it'],
  'until: a/y > 1': [': always … until needs always:; add always: gh1/heater/state == off'],
  'never: a/x > 1\nfor: 5 min': ['for: does not go with never: write longerThan: how long it may last at most'],
  'never: a/x > 1\ninAny: 1 h': ['inAny: is the time in which a total is taken; add longerThan: 10 min'],
  'never: a/x > 1\nlongerThan: 1 h\ninAny: 60 min': [
    'longerThan: 1 h in any 1 h can never be exceeded; write less than 1 h',
  ],
  'never: a/x > 1\nlongerThan: 5': ['longerThan: 5 has no unit; write a number and ms, s, min, h or d, such as 10 min'],
  'never: a/x > 1\nlongerThan: 5 hours': ['longerThan: not a length of time; write a number and ms, s, min, h or d'],
  'never: a/x > 1\nlongerThan: 2 h\nduring: 08:00-09:00': ['longerThan: 2 h do not fit into the 1 h of during:'],
  'always: a/x > 1\nfor: 2 h\nduring: 08:00-09:00': ['for: 2 h do not fit into the 1 h of during:'],
  'when: a/x > 1\nthen: a/y > 1': [': when … then needs within:; add within: 5 s'],
  'then: a/y > 1\nwithin: 5 s': [': when … then needs when:; add when: gh1/air/temperature is stale'],
  'when: a/x > 1\nthen: a/y > 1\nwithin: -5 s': ['within: not a length of time'],
  'when: a/x > 1\nthen: a/y > 1\nwithin: 5 s\nmayNotHappen: perhaps': ['mayNotHappen: write true or false'],
  'always: a/x > 1\nduring: 8-20': ['during: write two different times of day, such as 08:00-20:00'],
  'always: a/x > 1\nzone: Europe/Berlin': ['zone: says where the times of during: are; add during: 08:00-20:00'],
  'always: a/x > 1\nduring: 08:00-20:00\nzone: Europe/Berlino': [
    'zone: not a time zone; write one such as Europe/Berlin',
  ],
  'always: a/x > 1\nafter: 4000 d': ['after: longer than any run; at most 3660 d are possible'],
  'always: a/x > 1\nname: ""': ['name: write a text that says what is expected'],
  'always: a/x > 1\n__proto__: 1\nconstructor: 2': [
    '__proto__: unknown key "__proto__"',
    'constructor: unknown key "constructor"',
  ],
};

for (const [text, expected] of Object.entries(WRONG)) {
  test(`${text.replaceAll('\n', ', ')} is a problem that says what to write`, (t) => {
    const { expectations, problems } = parseExpectations([parse(text)]);
    t.is(expectations.length, 0);
    const lines = problems.map(({ path, message }) => {
      t.is(path[0], 0);
      return `${path.slice(1).join('.')}: ${message}`;
    });
    t.is(lines.length, expected.length, lines.join('\n'));
    for (const start of expected)
      t.true(
        lines.some((line) => line.startsWith(start)),
        `${start}\n${lines.join('\n')}`,
      );
  });
}

test('all problems are reported at once, and sound entries are read all the same', (t) => {
  const { expectations, problems } = parseExpectations([
    { always: 'a/x >', share: 'x', after: 1 },
    'always a/x > 1',
    null,
    { name: 'fine', always: 'a/x > 1' },
    { name: 'fine', never: 'a/x < 1' },
  ]);
  t.deepEqual(
    expectations.map(({ name }) => name),
    ['fine'],
  );
  t.deepEqual(problems.map(({ path }) => path.join('.')).sort(), [
    '0.after',
    '0.always',
    '0.share',
    '1',
    '2',
    '4.name',
  ]);
  t.regex(problems.at(-1)?.message ?? '', /^entry 4 of the list has this name already/);
});

test('what is no list, or too long a one, is one problem', (t) => {
  for (const list of [
    undefined,
    null,
    {},
    'always: a/x > 1',
    Array.from({ length: 1_001 }, () => ({ always: 'a/x > 1' })),
  ]) {
    const { expectations, problems } = parseExpectations(list);
    t.is(expectations.length, 0);
    t.is(problems.length, 1);
    t.deepEqual(problems[0]?.path, []);
  }
  t.deepEqual(parseExpectations([]), { expectations: [], problems: [] });
});
