import type { Verdict } from './expectations/expectation.js';

/** A run as JUnit XML tells it. */
export interface JunitRun {
  readonly name: string;
  readonly tookMs: number;
  readonly seed: number;
  readonly verdicts: readonly Verdict[];
  /** One command that does it again. */
  readonly again: string;
}

/** One test suite with a test case for each expectation, in the form that Jenkins, GitLab and GitHub actions read. */
export function junitXml({ name, tookMs, seed, verdicts, again }: JunitRun): string {
  const failures = verdicts.filter(({ outcome }) => outcome === 'failed').length;
  const seconds = (tookMs / 1000).toFixed(3);
  const counts = `tests="${verdicts.length}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts} time="${seconds}">`,
    `  <testsuite name="${escape(name)}" ${counts} skipped="0" time="${seconds}">`,
    `    <properties><property name="seed" value="${seed}"/></properties>`,
    ...verdicts.flatMap((verdict) => testCase(name, verdict, again)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, verdict: Verdict, again: string): string[] {
  const head = `    <testcase classname="${escape(suite)}" name="${escape(verdict.name)}" time="0"`;
  if (verdict.outcome === 'passed') return [`${head}/>`];
  const around = verdict.around.map(
    ({ at, path, value, quality }) => `${new Date(at).toISOString()} ${path} ${value} ${quality}`,
  );
  const text = [verdict.why, ...around, `again: ${again}`].join('\n');
  return [`${head}>`, `      <failure message="${escape(verdict.why)}">${escape(text)}</failure>`, '    </testcase>'];
}

function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD') // what XML 1.0 cannot hold
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
