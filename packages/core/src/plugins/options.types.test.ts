import test from 'ava';
import { defineSensor } from './sensor.js';

test('options written as a literal JSON Schema are typed by it', (t) => {
  const sensor = defineSensor({
    id: 'typed',
    channels: { x: '1' },
    needs: {},
    options: {
      type: 'object',
      additionalProperties: false,
      required: ['gain'],
      properties: {
        gain: { type: 'number' },
        mode: { enum: ['a', 'b'], default: 'a' },
        note: { type: 'string' },
        inputs: { type: 'array', items: { enum: ['p', 'q'] }, default: [] },
      },
    },
    start: (_needs, { options }) => {
      const gain: number = options.gain;
      const mode: 'a' | 'b' = options.mode;
      const note: string | undefined = options.note;
      const inputs: readonly ('p' | 'q')[] = options.inputs;
      // @ts-expect-error a misspelt option
      void options.gian;
      // @ts-expect-error an option without a default may be absent
      const always: string = options.note;
      return { sample: () => ({ x: gain + inputs.length + mode.length + (note ?? always).length }) };
    },
  });
  t.is(sensor.id, 'typed');
});

test('needs may depend on the options, and the handles keep their types', (t) => {
  const sensor = defineSensor({
    id: 'depends',
    channels: { x: '1' },
    options: { type: 'object', properties: { low: { type: 'boolean', default: false } } },
    needs: (options) => ({ cell: { kind: 'cell', choices: [], spec: { low: options.low } } }),
    start: ({ cell }) => {
      void cell;
      return { sample: () => ({ x: 1 }) };
    },
  });
  t.is(typeof sensor.needs, 'function');
});
