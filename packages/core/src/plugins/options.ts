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

/** The options' type as the schema states it. */
export type OptionsOf<S> = S extends { readonly '~standard': { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer O }
    ? O
    : unknown
  : S extends { readonly static: infer T }
    ? T
    : Readonly<Record<string, unknown>>;
