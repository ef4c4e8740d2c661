import { createRequire } from 'node:module';
import test from 'ava';
import fc from 'fast-check';
import { accepts, isRange } from './version-range.js';

const semver = createRequire(import.meta.url)('semver') as {
  satisfies(version: string, range: string, options: object): boolean;
  validRange(range: string): string | null;
};

const number = fc.constantFrom('0', '1', '2', '10', '01', '9007199254740992');
const version = fc.oneof(
  fc.tuple(number, number, number).map((parts) => parts.join('.')),
  fc.constantFrom('1.0.0-rc.1', '0.1.0-beta', '1.0', 'x'),
);
const range = fc.oneof(
  version.map((each) => `^${each}`),
  version,
  fc.constantFrom('*', '', '>=0.1.0 <2', '~1.0.0', '^1', '^1 || ^2', 'latest', 'file:..', '^ 1.0.0'),
);

test('ranges are understood as semver understands them', (t) => {
  fc.assert(
    fc.property(range, version, (wanted, found) => {
      t.is(isRange(wanted), semver.validRange(wanted) !== null, wanted);
      const expected = semver.satisfies(found, wanted, { includePrerelease: true });
      t.is(accepts(wanted, found), expected, `${found} in ${wanted}`);
    }),
    { numRuns: 2_000 },
  );
});
