import type { JsonSchema } from '@hyphae/core';

/** A plant by name, with options where it has some. */
export interface PlantEntry {
  readonly model: string;
  readonly options?: unknown;
}

/** What a chip feels: a prefix of plant variables, or a variable or constant for each quantity. */
export type FeelsEntry = string | Readonly<Record<string, string | number>>;

/** A chip at an address. */
export interface ChipEntry {
  readonly chip: string;
  readonly feels?: FeelsEntry;
  readonly options?: unknown;
}

/** The far end of a GPIO line: what it drives, what it reads, or a fixed level. */
export interface LineEntry {
  /** Actuator that is on while the line is at its active level. */
  readonly drives?: string;
  readonly activeLow?: boolean;
  /** Plant variable that the line says to be above, or below, a threshold. */
  readonly reads?: string;
  readonly above?: number;
  readonly below?: number;
  /** Level put on the wire from outside. */
  readonly level?: 0 | 1;
}

/** The far end of a PWM channel. */
export interface PwmEntry {
  /** Actuator that follows the duty cycle. */
  readonly drives?: string;
}

/** A simulated board, as the configuration writes it. */
export interface SimOptions {
  readonly plant?: string | PlantEntry;
  readonly i2c?: Readonly<Record<string, ChipEntry>>;
  readonly onewire?: Readonly<Record<string, ChipEntry>>;
  readonly serial?: Readonly<Record<string, ChipEntry>>;
  readonly gpio?: Readonly<Record<string, LineEntry>>;
  readonly pwm?: Readonly<Record<string, PwmEntry>>;
  readonly busTime?: boolean;
  readonly speedHz?: number;
}

const chips = (where: string) => ({
  type: 'object',
  description: `Simulated chips by ${where}`,
  additionalProperties: {
    type: 'object',
    required: ['chip'],
    additionalProperties: false,
    properties: {
      chip: { type: 'string', description: 'Which chip it is' },
      feels: {
        description:
          'What surrounds it: a prefix of plant variables (air), or a plant variable or a constant for each quantity',
        oneOf: [
          { type: 'string' },
          { type: 'object', additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
        ],
      },
      options: { type: 'object', description: 'Options of the chip' },
    },
  },
});

const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    plant: {
      description: 'The simulated world that chips feel and lines act on',
      oneOf: [
        { type: 'string' },
        {
          type: 'object',
          required: ['model'],
          additionalProperties: false,
          properties: { model: { type: 'string' }, options: { type: 'object' } },
        },
      ],
    },
    i2c: chips('address, such as i2c-1/0x76'),
    onewire: chips('ROM id, such as 28-0000075b3c1a'),
    serial: chips('port, such as /dev/ttyS0'),
    gpio: {
      type: 'object',
      description: 'Far ends of lines, by line, such as gpiochip0/17',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          drives: { type: 'string', description: 'Actuator of the plant that the line switches' },
          activeLow: { type: 'boolean', description: 'The actuator is on while the line is low' },
          reads: { type: 'string', description: 'Variable of the plant that the line compares' },
          above: { type: 'number', description: 'The line is high while the variable is above this' },
          below: { type: 'number', description: 'The line is high while the variable is below this' },
          level: { enum: [0, 1], description: 'Level that the surroundings put on the line' },
        },
      },
    },
    pwm: {
      type: 'object',
      description: 'Far ends of PWM channels, by channel, such as pwmchip0/0',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { drives: { type: 'string', description: 'Actuator that follows the duty cycle' } },
      },
    },
    busTime: { type: 'boolean', description: 'Transfers take their bits’ time' },
    speedHz: { type: 'number', exclusiveMinimum: 0, description: 'Rate of the I²C clock for busTime' },
  },
};

/**
 * The same as a JSON Schema, for editors and for checking files. `static` carries the type, as in a schema made by TypeBox; it has no
 * value, which is why the cast is true.
 */
export const simOptionsSchema = schema as JsonSchema & { readonly static: SimOptions };
