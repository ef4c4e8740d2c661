import { type Static, type TSchema, Type } from '@sinclair/typebox';

// The published schema, hyphae.schema.json, is generated from this file (scripts/reference.mjs); a test keeps both equal.
// Descriptions end up in editors and in error messages: they say what to write.

const NAME = '[A-Za-z0-9][A-Za-z0-9_.-]{0,63}';

const Duration = (description: string) =>
  Type.String({
    pattern: '^[0-9]+(\\.[0-9]+)? ?(ms|s|min|h|d)$',
    maxLength: 32,
    description: `${description}: a number and ms, s, min, h or d, such as 10 s`,
  });

const InstanceName = Type.String({
  pattern: `^${NAME}(/${NAME}){0,14}$`,
  maxLength: 200,
  description: 'A name has letters, digits, "_", "-" and ".", and may have levels, such as gh1/air',
});

const Named = <T extends TSchema>(value: T, description: string) =>
  Type.Unsafe<Record<string, Static<T>>>(
    Type.Object({}, { propertyNames: InstanceName, additionalProperties: value, maxProperties: 10_000, description }),
  );

const TextMap = (description: string) =>
  Type.Unsafe<Record<string, string>>(
    Type.Object(
      {},
      {
        additionalProperties: Type.String({ minLength: 1, maxLength: 512, description }),
        maxProperties: 64,
        description,
      },
    ),
  );

const closed = { additionalProperties: false } as const;
const PluginId = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'The id of a plugin; `hyphae plugins` lists them',
});
const Options = Type.Unsafe<Record<string, unknown>>(
  Type.Object({}, { description: 'Options of the plugin: names and values' }),
);
const Use = TextMap('Where its hardware is, by the plugin’s name for it, such as { chip: i2c-1/0x76 }');

const Board = Type.Unsafe<{ readonly provider: string; readonly name?: string } & Readonly<Record<string, unknown>>>(
  Type.Object(
    {
      provider: Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'The kind of board: sim, linux, or one of a plugin',
      }),
      name: Type.Optional(
        Type.String({ pattern: `^${NAME}$`, description: 'A name for the board; default: its provider' }),
      ),
    },
    { additionalProperties: true, description: 'A board; the other keys are options of its provider' },
  ),
);

const Service = Type.Object({ plugin: PluginId, use: Type.Optional(Use), options: Type.Optional(Options) }, closed);

const Sensor = Type.Object(
  {
    plugin: PluginId,
    period: Type.Optional(Duration('How often to read it')),
    deadline: Type.Optional(Duration('How long one reading may take')),
    use: Type.Optional(Use),
    options: Type.Optional(Options),
    plausible: Type.Optional(
      Type.Unsafe<Record<string, [number, number]>>(
        Type.Object(
          {},
          {
            additionalProperties: Type.Array(Type.Number(), {
              minItems: 2,
              maxItems: 2,
              description: 'The smallest and the largest plausible value, such as [-40, 60]',
            }),
            description: 'Plausible values per channel; others are marked as suspect',
          },
        ),
      ),
    ),
  },
  closed,
);

const Limits = Type.Object(
  {
    maxOn: Type.Optional(Duration('The longest time it may be on without a break')),
    minOn: Type.Optional(Duration('The shortest time it stays on')),
    minOff: Type.Optional(Duration('The shortest time it stays off')),
    maxSwitchesPerHour: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100_000, description: 'How often it may switch in an hour' }),
    ),
  },
  { ...closed, description: 'Limits that hold for whoever controls the output' },
);

const Output = Type.Object(
  {
    plugin: PluginId,
    use: Type.Optional(Use),
    options: Type.Optional(Options),
    safe: Type.Optional(Type.Number({ description: 'The value it takes when nobody controls it' })),
    startup: Type.Optional(
      Type.Unsafe<'safe' | 'last' | number>({
        type: ['string', 'number'],
        pattern: '^(safe|last)$',
        description:
          'What it is set to at start: safe, last, or a number; until somebody takes control, at most for maxOn or an hour',
      }),
    ),
    limits: Type.Optional(Limits),
    interlock: Type.Optional(
      Type.String({
        pattern: `^${NAME}$`,
        description: 'The name of a group of outputs of which only one may be on at a time',
      }),
    ),
  },
  closed,
);

const Function = Type.Object(
  {
    plugin: PluginId,
    inputs: TextMap('The channel of each input, such as { air: gh1/air/temperature }'),
    outputs: Type.Optional(TextMap('The output instance of each output, such as { heater: gh1/heater }')),
    period: Type.Optional(Duration('How often it acts; default: at each new reading of its inputs')),
    options: Type.Optional(Options),
  },
  closed,
);

const Server = Type.Object(
  {
    listen: Type.Optional(
      Type.String({
        pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
        maxLength: 260,
        description: 'Address and port to listen on, such as 127.0.0.1:8080; port 0 takes a free one',
      }),
    ),
    origins: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^https?://[^/\\s]+$',
          maxLength: 260,
          description: 'An origin, such as https://panel.example',
        }),
        {
          maxItems: 64,
          description: 'Web origins, besides its own, whose pages may connect',
        },
      ),
    ),
    hosts: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^[A-Za-z0-9.:\\[\\]-]+$',
          maxLength: 260,
          description: 'A host name, such as greenhouse.local',
        }),
        {
          maxItems: 64,
          description: 'Names under which the node may be addressed, besides the loopback ones',
        },
      ),
    ),
  },
  closed,
);

const Store = Type.Object(
  {
    client: Type.Optional(
      Type.Unsafe<'sqlite3' | 'memory'>({
        type: 'string',
        enum: ['sqlite3', 'memory'],
        description: 'Where readings are kept: sqlite3 (a file) or memory (until it stops)',
      }),
    ),
    file: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1_000, description: 'The database file; relative to the data directory' }),
    ),
    commit: Type.Optional(Duration('How long readings are gathered before they are committed together')),
    keep: Type.Optional(Duration('How long readings are kept; default: for ever')),
  },
  closed,
);

/** The configuration file as JSON Schema. */
export const ConfigSchema = Type.Object(
  {
    hyphae: Type.Unsafe<1>({ type: 'integer', const: 1, description: 'The version of the format: 1' }),
    node: Type.Optional(
      Type.String({ pattern: `^${NAME}$`, description: 'The name of this node, such as greenhouse-1' }),
    ),
    boards: Type.Optional(
      Type.Array(Board, { maxItems: 32, description: 'The boards whose buses, lines and ports are used' }),
    ),
    services: Type.Optional(Named(Service, 'What several plugins share, by name')),
    sensors: Type.Optional(Named(Sensor, 'What is read, by name')),
    outputs: Type.Optional(Named(Output, 'What can be switched or set, by name')),
    functions: Type.Optional(Named(Function, 'Controllers and calculations, by name')),
    server: Type.Optional(Server),
    store: Type.Optional(Store),
  },
  {
    ...closed,
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:hyphae:configuration:1',
    title: 'hyphae.yaml',
    description: 'Configuration of a Hyphae node',
  },
);

/** The configuration file, once it fits the schema. */
export type ConfigFile = Static<typeof ConfigSchema>;
/** One entry of `boards`. */
export type BoardSection = Static<typeof Board>;
/** One entry of `services`. */
export type ServiceSection = Static<typeof Service>;
/** One entry of `sensors`. */
export type SensorSection = Static<typeof Sensor>;
/** One entry of `outputs`. */
export type OutputSection = Static<typeof Output>;
/** One entry of `functions`. */
export type FunctionSection = Static<typeof Function>;
