import { readFileSync } from 'node:fs';
import test from 'ava';

test('the plugin and the test that the README shows are the ones that are compiled and run', (t) => {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  for (const file of ['tmp102.ts', 'tmp102.test.ts']) {
    const code = readFileSync(`test/contract/readme-example/${file}`, 'utf8');
    t.true(blocks.includes(code), `README.md does not show ${file} as it is`);
  }
});
