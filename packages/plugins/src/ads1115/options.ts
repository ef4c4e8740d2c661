import { type Static, Type } from '@sinclair/typebox';
import type { Part } from './conversion.js';

const range = (description: string, defaults: { default?: number } = {}) =>
  Type.Union(
    [
      Type.Literal(6.144),
      Type.Literal(4.096),
      Type.Literal(2.048),
      Type.Literal(1.024),
      Type.Literal(0.512),
      Type.Literal(0.256),
    ],
    { description, ...defaults },
  );

const input = Type.Union([Type.Literal('a0'), Type.Literal('a1'), Type.Literal('a2'), Type.Literal('a3')]);

/** The options of one part of the family, which differ in the rates alone. */
export function optionsOf(part: Part, defaultRate: number) {
  return Type.Object(
    {
      inputs: Type.Array(input, {
        default: ['a0', 'a1', 'a2', 'a3'],
        minItems: 1,
        uniqueItems: true,
        description: 'Inputs that are measured; each takes one conversion',
      }),
      range: range('Full-scale range in V: ± this fills the converter. No input may exceed the supply all the same', {
        default: 4.096,
      }),
      ranges: Type.Object(
        {
          a0: Type.Optional(range('Full-scale range of a0 in V')),
          a1: Type.Optional(range('Full-scale range of a1 in V')),
          a2: Type.Optional(range('Full-scale range of a2 in V')),
          a3: Type.Optional(range('Full-scale range of a3 in V')),
        },
        { default: {}, additionalProperties: false, description: 'Ranges of inputs that need another one' },
      ),
      minus: Type.Object(
        {
          a0: Type.Optional(Type.Union([Type.Literal('a1'), Type.Literal('a3')])),
          a1: Type.Optional(Type.Literal('a3')),
          a2: Type.Optional(Type.Literal('a3')),
        },
        { default: {}, additionalProperties: false, description: 'Inputs measured as the difference to another input' },
      ),
      rate: Type.Unsafe<number>({
        enum: [...part.rates],
        default: defaultRate,
        description: 'Samples per second: a slower conversion is a quieter one',
      }),
    },
    { additionalProperties: false },
  );
}

/** Validated options. */
export type AdsOptions = Static<ReturnType<typeof optionsOf>>;
