import { type Static, type TSchema, Type } from '@sinclair/typebox';

// Descriptions end up in error messages: they say what to write.

const closed = { additionalProperties: false } as const;

const Duration = (description: string) =>
  Type.String({
    pattern: '^[0-9]+(\\.[0-9]+)? ?(ms|s|min|h|d)$',
    maxLength: 32,
    description: `${description}: a number and ms, s, min, h or d, such as 10 min`,
  });

const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description: `${description}, 0 to 1` });

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });

const BoardName = Type.Optional(Name('The board meant, where there are several with such a part'));

/** What every event has. */
const common = {
  name: Type.Optional(Name('What to call it in the log')),
  at: Duration('When it begins, counted from the start of the run'),
  for: Type.Optional(Duration('How long it lasts; without it, to the end of the run')),
  every: Type.Optional(Duration('It comes again and again, so long after each beginning')),
};

const event = <T extends Record<string, TSchema>>(what: T) => Type.Object({ ...common, ...what }, closed);

const Command = event({
  command: Type.Object(
    {
      output: Name('The output'),
      value: Type.Union([Type.Number(), Type.Literal('on'), Type.Literal('off')], {
        description: 'A number, on or off',
      }),
    },
    { ...closed, description: 'A client sets an output, for `for` or as long as the output allows' },
  ),
});

const Unplug = event({
  unplug: Name('The part of a simulated board that is pulled off: i2c-1/0x76, 28-0000075b3c1a or /dev/ttyS0'),
  board: BoardName,
});

const Bus = event({
  bus: Type.Object(
    {
      name: Name('The I²C bus, such as i2c-1'),
      fault: Type.Union(
        (['nack', 'arbitration', 'bus', 'busy', 'timeout', 'stuck', 'bitErrors'] as const).map((each) =>
          Type.Literal(each),
        ),
        { description: 'What befalls transfers' },
      ),
      rate: Type.Optional(Share('The part of the transfers (of the bits, with bitErrors) that it befalls')),
    },
    { ...closed, description: 'An I²C bus fails' },
  ),
  board: BoardName,
});

const Serial = event({
  serial: Type.Object(
    {
      port: Name('The port, such as /dev/ttyS0'),
      fault: Type.Union([Type.Literal('silence'), Type.Literal('wrongBytes'), Type.Literal('lostBytes')], {
        description: 'What befalls the bytes',
      }),
      rate: Type.Optional(Share('The part of the bytes that it befalls')),
    },
    { ...closed, description: 'A serial line fails' },
  ),
  board: BoardName,
});

const Line = event({
  line: Type.Object(
    {
      name: Name('The line, such as gpiochip0/17'),
      stuck: Type.Union([Type.Literal(0), Type.Literal(1)], { description: 'The level it stays at, 0 or 1' }),
    },
    { ...closed, description: 'A line stays at one level: a welded contact, a broken wire' },
  ),
  board: BoardName,
});

const Drive = event({
  drive: Type.Object(
    {
      actuator: Name('The actuator of the plant'),
      value: Share('How far it is driven'),
    },
    { ...closed, description: 'Somebody moves an actuator of the plant, such as a door; afterwards it is at 0' },
  ),
  board: BoardName,
});

const Sense = event({
  sense: Type.Object(
    {
      of: Name('The chip, such as i2c-1/0x76'),
      quantity: Name('What it measures, such as temperature'),
      fault: Type.Union(
        [Type.Literal('frozen'), Type.Literal('offset'), Type.Literal('drift'), Type.Literal('spikes')],
        { description: 'How it is wrong' },
      ),
      by: Type.Optional(Type.Number({ description: 'How far an offset or a spike is off, in the unit of the chip' })),
      perHour: Type.Optional(Type.Number({ description: 'How far a drift goes in an hour, in the unit of the chip' })),
      rate: Type.Optional(Share('The part of the looks at the surroundings that are spikes')),
    },
    { ...closed, description: 'The element of a sensor is wrong, while its interface works' },
  ),
  board: BoardName,
});

const ClockStep = Type.Object(
  {
    name: common.name,
    at: common.at,
    clock: Type.Object(
      {
        step: Type.String({
          pattern: '^[+-]?[0-9]+(\\.[0-9]+)? ?(ms|s|min|h|d)$',
          description: 'By how much the wall clock jumps, such as -1 h',
        }),
      },
      closed,
    ),
  },
  closed,
);

/** A file for `hyphae simulate --scenario`. */
export const Scenario = Type.Object(
  {
    scenario: Type.Literal(1, { description: 'The version of the format: 1' }),
    name: Type.Optional(Name('What to call it in reports')),
    for: Type.Optional(Duration('How long to simulate')),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31, description: 'Decides everything random' })),
    from: Type.Optional(Name('When the run begins, such as 2026-01-10T00:00:00Z')),
    events: Type.Optional(
      Type.Array(Type.Union([Command, Unplug, Bus, Serial, Line, Drive, Sense, ClockStep]), { maxItems: 1000 }),
    ),
    expect: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 1000 })),
  },
  closed,
);

/** The kinds of event, by the key that tells them apart. */
export const EVENT_SCHEMAS = {
  command: Command,
  unplug: Unplug,
  bus: Bus,
  serial: Serial,
  line: Line,
  drive: Drive,
  sense: Sense,
  clock: ClockStep,
} as const;

export type ScenarioFile = Static<typeof Scenario>;

export type ScenarioEvent =
  | Static<typeof Command>
  | Static<typeof Unplug>
  | Static<typeof Bus>
  | Static<typeof Serial>
  | Static<typeof Line>
  | Static<typeof Drive>
  | Static<typeof Sense>
  | Static<typeof ClockStep>;
