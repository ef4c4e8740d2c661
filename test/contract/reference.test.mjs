import { readFileSync } from 'node:fs';
import test from 'ava';
import { pages, rows } from '../../scripts/reference.mjs';

test('the reference pages are those of the code', async (t) => {
  for (const [file, text] of Object.entries(await pages())) {
    t.is(readFileSync(file, 'utf8'), text, `${file}: run node scripts/reference.mjs`);
  }
});

test('every error code belongs to one row, with a message and a remedy', async (t) => {
  const all = await rows();
  t.true(all.length > 30, 'the catalogues were found');
  t.is(new Set(all.map(({ code }) => code)).size, all.length);
  for (const { code, template, remedy } of all) {
    t.regex(code, /^HYP_[A-Z0-9_]+$/);
    t.true(template.length > 10 && remedy.length > 10, code);
  }
});
