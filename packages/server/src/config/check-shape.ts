import { readFileSync } from 'node:fs';
import { reportSchemaErrors, schemaErrors } from './schema-problems.js';
import type { ConfigFile } from './schema.js';
import type { YamlSource } from './yaml-source.js';

let schema: object | undefined;

/** The published JSON Schema of the configuration file, as text. */
export function publishedSchema(): string {
  return readFileSync(new URL('../../hyphae.schema.json', import.meta.url), 'utf8');
}

/** Checks the file against the schema. Problems go to the source; a value that fits is returned. */
export function checkShape(source: YamlSource): ConfigFile | undefined {
  const { value } = source;
  if (value === null || value === undefined) {
    source.report([], 'the file is empty; `hyphae init` writes one to start from');
    return undefined;
  }
  const version = (value as { hyphae?: unknown }).hyphae; // read before anything is known: any value has properties
  if (typeof version === 'number' && Number.isInteger(version) && version > 1) {
    source.report(
      ['hyphae'],
      `this file has format ${version}, which is newer than this program knows (1); update Hyphae`,
    );
    return undefined;
  }
  // The schema is read as data: building it from its definition costs more than everything else a start does.
  schema ??= withoutId(JSON.parse(publishedSchema()) as object); // our own file: an object
  const errors = schemaErrors(schema, value);
  if (errors.length === 0) return value as ConfigFile; // the schema is generated from the type's definition
  reportSchemaErrors(source, [], errors);
  return undefined;
}

/** The identity is for those who publish the schema; nothing refers to it. */
function withoutId({ $id: _, ...schema }: { readonly $id?: unknown }): object {
  return schema;
}
