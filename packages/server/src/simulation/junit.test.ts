import test from 'ava';
import { junitXml } from './junit.js';

test('expectations become test cases, failed ones with what was seen and how to see it again', (t) => {
  const xml = junitXml({
    name: 'frost & <snow>',
    tookMs: 1_500,
    seed: 7,
    again: "hyphae simulate --scenario 'a b.yaml'",
    verdicts: [
      { name: 'kept', outcome: 'passed', why: '', around: [], violations: 0 },
      {
        name: 'never "on"',
        outcome: 'failed',
        why: 'it was 5 > 4',
        at: 1_000,
        around: [{ at: 1_000, path: 'a/b', value: 5, quality: 'good' }],
        violations: 1,
      },
    ],
  });
  t.is(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" time="1.500">
  <testsuite name="frost &amp; &lt;snow&gt;" tests="2" failures="1" errors="0" skipped="0" time="1.500">
    <properties><property name="seed" value="7"/></properties>
    <testcase classname="frost &amp; &lt;snow&gt;" name="kept" time="0"/>
    <testcase classname="frost &amp; &lt;snow&gt;" name="never &quot;on&quot;" time="0">
      <failure message="it was 5 &gt; 4">it was 5 &gt; 4
1970-01-01T00:00:01.000Z a/b 5 good
again: hyphae simulate --scenario 'a b.yaml'</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test('characters that XML cannot hold are replaced', (t) => {
  const xml = junitXml({ name: 'a\u0000b', tookMs: 0, seed: 1, again: '', verdicts: [] });
  t.true(xml.includes('name="a\uFFFDb"'));
});
