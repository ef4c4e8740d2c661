import type { FromSchema, JsonSchema } from '@hyphae/core';
import { type Part, RANGES } from './conversion.js';

const range = (description: string) => ({ enum: RANGES, description }) as const satisfies JsonSchema;

/** The options of one part of the family, which differ in the rates alone. */
export function optionsOf(part: Part, defaultRate: number) {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      inputs: {
        type: 'array',
        items: { enum: ['a0', 'a1', 'a2', 'a3'] },
        default: ['a0', 'a1', 'a2', 'a3'],
        minItems: 1,
        uniqueItems: true,
        description: 'Inputs that are measured; each takes one conversion',
      },
      range: {
        ...range('Full-scale range in V: ± this fills the converter. No input may exceed the supply all the same'),
        default: 4.096,
      },
      ranges: {
        type: 'object',
        additionalProperties: false,
        default: {},
        description: 'Ranges of inputs that need another one',
        properties: {
          a0: range('Full-scale range of a0 in V'),
          a1: range('Full-scale range of a1 in V'),
          a2: range('Full-scale range of a2 in V'),
          a3: range('Full-scale range of a3 in V'),
        },
      },
      minus: {
        type: 'object',
        additionalProperties: false,
        default: {},
        description: 'Inputs measured as the difference to another input',
        properties: { a0: { enum: ['a1', 'a3'] }, a1: { const: 'a3' }, a2: { const: 'a3' } },
      },
      rate: {
        enum: part.rates,
        default: defaultRate,
        description: 'Samples per second: a slower conversion is a quieter one',
      },
    },
  } as const satisfies JsonSchema;
}

/** Validated options. */
export type AdsOptions = FromSchema<ReturnType<typeof optionsOf>>;
