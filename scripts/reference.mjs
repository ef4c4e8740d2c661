#!/usr/bin/env node
// Writes docs/reference/errors.md, units.md and the published configuration schema from the built packages; with --check it only compares.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

/** Where catalogue rows are exported, by package. */
const catalogues = {
  '@hyphae/core': ['packages/core/dist/errors/catalogue.js'],
  '@hyphae/core/testing': ['packages/core/dist/testing/errors.js'],
  '@hyphae/hal': ['packages/hal/dist/errors.js'],
  '@hyphae/server': [
    'packages/server/dist/config/errors.js',
    'packages/server/dist/daemon/errors.js',
    'packages/server/dist/discovery/errors.js',
    'packages/server/dist/http/errors.js',
    'packages/server/dist/cli/errors.js',
  ],
  '@hyphae/plugins': [],
};

const load = (file) => import(pathToFileURL(resolve(file)).href);
const isRow = (value) => typeof value === 'function' && typeof value.code === 'string' && 'template' in value;

/** Every row: package, code, class name, message, remedy. */
export async function rows() {
  const found = [];
  for (const [owner, files] of Object.entries(catalogues)) {
    for (const file of files) {
      if (!existsSync(file)) continue;
      for (const [name, value] of Object.entries(await load(file))) {
        if (isRow(value))
          found.push({
            owner,
            name,
            code: value.code,
            template: value.template,
            retryable: value.retryable,
            remedy: value.remedy,
          });
      }
    }
  }
  return found;
}

const cell = (text) => text.replaceAll('|', '\\|');

async function errorsPage() {
  const all = await rows();
  const lines = [
    '# Error codes',
    '',
    'Everything thrown across a package boundary carries one of these codes. Branch on `code`, never on the text. *Retry*: the same',
    'call may succeed later without a change of configuration. This page is generated from the catalogues by `node scripts/reference.mjs`.',
  ];
  for (const owner of Object.keys(catalogues)) {
    const own = all.filter((row) => row.owner === owner).sort((a, b) => (a.code < b.code ? -1 : 1));
    if (own.length === 0) continue;
    lines.push(
      '',
      `## ${owner}`,
      '',
      '| Code | Class | Message | Retry | What to do |',
      '| --- | --- | --- | --- | --- |',
    );
    for (const { code, name, template, retryable, remedy } of own) {
      lines.push(`| \`${code}\` | \`${name}\` | ${cell(template)} | ${retryable ? 'yes' : 'no'} | ${cell(remedy)} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function unitsPage() {
  const { UNITS } = await load('packages/core/dist/measurements/unit.js');
  const lines = [
    '# Units',
    '',
    'UCUM codes (ucum.org), case sensitive, with the symbol shown to people. Units of one quantity convert into each other. This page is',
    'generated from the table in `@hyphae/core` by `node scripts/reference.mjs`.',
    '',
    '| Code | Symbol | Quantity |',
    '| --- | --- | --- |',
    ...Object.entries(UNITS).map(
      ([code, { symbol, quantity }]) => `| \`${code}\` | ${symbol || '(none)'} | ${quantity} |`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The pages by file. */
export async function pages() {
  return {
    'docs/reference/errors.md': await errorsPage(),
    'docs/reference/units.md': await unitsPage(),
    'packages/server/hyphae.schema.json': await configurationSchema(),
  };
}

/** The schema of hyphae.yaml, as editors use it. */
async function configurationSchema() {
  const { ConfigSchema } = await load('packages/server/dist/config/schema.js');
  return `${JSON.stringify(ConfigSchema, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const check = process.argv.includes('--check');
  mkdirSync('docs/reference', { recursive: true });
  for (const [file, text] of Object.entries(await pages())) {
    const same = existsSync(file) && readFileSync(file, 'utf8') === text;
    if (same) continue;
    if (check) {
      console.log(`${file} differs from the code; run node scripts/reference.mjs`);
      process.exitCode = 1;
    } else {
      writeFileSync(file, text);
      console.log(`wrote ${file}`);
    }
  }
}
