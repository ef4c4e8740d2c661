/* What a rig script is made of: sentences with a proof each. One line per check; run.mjs counts them. */
import { Lifetime, SystemClock } from '@hyphae/core';

const checks = [];

/** Registers a check that may take as long as `limit`. They run one after the other, in order. */
export function check(title, prove, { limit = '60 s' } = {}) {
  checks.push({ title, prove, limit });
}

/** Runs what was registered and ends the process: open handles of a failed check must not keep the guest alive. */
export async function run() {
  let failed = 0;
  for (const { title, prove, limit } of checks) {
    const clock = new SystemClock();
    const lifetime = new Lifetime(title, { clock, deadline: '10 s' });
    let timer;
    try {
      const late = new Promise((_, reject) => {
        timer = clock.timer('check', limit, () => reject(new Error(`it did not end within ${limit}`)));
      });
      await Promise.race([prove({ clock, lifetime }), late]);
      await lifetime[Symbol.asyncDispose]();
      console.log(`ok - ${title}`);
    } catch (error) {
      failed++;
      console.log(`not ok - ${title}`);
      console.log(`  ${error?.stack ?? error}`.replaceAll('\n', '\n  '));
      await lifetime[Symbol.asyncDispose]().catch(() => {});
    } finally {
      timer?.[Symbol.dispose]();
    }
  }
  console.log(`1..${checks.length}`);
  process.exit(failed === 0 ? 0 : 1);
}
