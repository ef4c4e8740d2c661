/** A JSON Schema object (2020-12 or draft-07), possibly one made by TypeBox, whose `static` carries the type. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A validator of any library that follows Standard Schema v1 (standardschema.dev). */
export interface StandardSchema<T = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): StandardResult<T> | Promise<StandardResult<T>>;
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What a Standard Schema validation gives. */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** How a plugin describes its options. */
export type OptionsSchema = JsonSchema | StandardSchema;

/** The properties of an object schema that are always there once it was validated: required, or filled in by a default. */
type Given<P, R> = {
  [K in keyof P]: K extends R ? K : P[K] extends { readonly default: unknown } ? K : never;
}[keyof P];
/** The type a type name stands for; a list of names is a union. */
type Named<T> = T extends 'number' | 'integer'
  ? number
  : T extends 'string'
    ? string
    : T extends 'boolean'
      ? boolean
      : T extends 'null'
        ? null
        : unknown;
type RequiredOf<S> = S extends { readonly required: readonly (infer R)[] } ? R : never;
type ObjectOf<P, R> = { readonly [K in Given<P, R>]: FromSchema<P[K]> } & {
  readonly [K in Exclude<keyof P, Given<P, R>>]?: FromSchema<P[K]>;
};

/**
 * The type a literal JSON Schema describes, for what options are made of: const, enum, objects, arrays, text, numbers, booleans.
 * Anything else is `unknown`.
 */
export type FromSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly type: 'object'; readonly properties: infer P }
      ? ObjectOf<P, RequiredOf<S>>
      : S extends { readonly type: 'object'; readonly additionalProperties: infer V extends object }
        ? { readonly [key: string]: FromSchema<V> }
        : S extends { readonly type: 'array'; readonly items: infer I }
          ? readonly FromSchema<I>[]
          : S extends { readonly type: readonly (infer T)[] }
            ? Named<T>
            : S extends { readonly type: infer T }
              ? Named<T>
              : unknown;

/** The options' type as the schema states it: by Standard Schema, by TypeBox, or by a JSON Schema written as a literal. */
export type OptionsOf<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer O }
    ? O
    : unknown
  : S extends { readonly static: infer T }
    ? T
    : S extends { readonly type: 'object'; readonly properties: object }
      ? FromSchema<S>
      : Readonly<Record<string, unknown>>;
