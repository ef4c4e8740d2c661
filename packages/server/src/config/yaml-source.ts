import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type ScalarTag,
  type YAMLMap,
} from 'yaml';
import { type ConfigPath, type ConfigProblem, formatPath, type Position } from './problem.js';

/** The largest configuration file, in bytes. */
export const MAX_BYTES = 1_048_576;
const MAX_DEPTH = 32;
const MAX_VALUES = 200_000;
/** Shorter ones would be found in any text. */
const SHORTEST_SECRET = 3;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Where `!env` and `!file` look. Both return the secret, or why there is none. */
export interface SecretSources {
  env(name: string): { readonly value: string } | { readonly why: string };
  file(path: string): { readonly value: string } | { readonly why: string };
}

/** Verbatim tags: the reference is resolved by {@link YamlSource}, which knows where it stands. */
const SECRET_TAGS: ScalarTag[] = ['!env', '!file'].map((tag) => ({ tag, resolve: (text: string) => text }));

class Refused extends Error {}

/**
 * A parsed configuration file: its value as plain data, and where every part of it stands. YAML 1.2 core schema; aliases are
 * followed up to a bound, merge keys and custom tags other than `!env` and `!file` are not part of the format.
 */
export class YamlSource {
  readonly value: unknown;
  readonly problems: ConfigProblem[] = [];
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed | undefined;
  readonly #anchors = new Map<string, unknown>();
  readonly #secrets = new Set<string>();
  readonly #secretValues = new Set<string>();
  /** Pairs by key, of maps that were searched: a file may have thousands of problems in one map. */
  readonly #indexes = new WeakMap<object, ReadonlyMap<string, Pair>>();
  readonly #sources: SecretSources;
  #values = 0;

  constructor(text: string, sources: SecretSources) {
    this.#sources = sources;
    if (Buffer.byteLength(text) > MAX_BYTES) {
      this.report([], `the file is larger than ${MAX_BYTES} bytes; split long option lists or shorten it`);
      return;
    }
    try {
      this.#document = parseDocument(text, {
        version: '1.2',
        schema: 'core',
        customTags: SECRET_TAGS,
        lineCounter: this.#lines,
        prettyErrors: false,
        uniqueKeys: false, // quadratic there; found here instead
        stringKeys: false,
        merge: false,
        logLevel: 'error', // `silent` would also silence further documents in the file
      });
      for (const { message, pos } of [...this.#document.errors, ...this.#document.warnings]) {
        this.problems.push({ ...this.#position(pos[0]), path: '', message: firstLine(message) });
      }
      this.value = this.problems.length > 0 ? undefined : this.#plain(this.#document.contents, [], new Set());
    } catch (error) {
      if (!(error instanceof Refused)) this.report([], `the file cannot be read as YAML: ${unreadable(error)}`);
    }
  }

  /** Adds a problem at a value, or at its key. */
  report(path: ConfigPath, message: string, where: 'value' | 'key' = 'value'): void {
    this.problems.push({ ...this.locate(path, where), path: formatPath(path), message: this.#discreet(message) });
  }

  /** Where a value (or its key) stands; for one that is not there, the nearest part that holds it. */
  locate(path: ConfigPath, where: 'value' | 'key' = 'value'): Position {
    let node: unknown = this.#document?.contents;
    let offset = offsetOf(node) ?? 0;
    for (const [index, step] of path.entries()) {
      node = isAlias(node) ? this.#anchors.get(node.source) : node;
      if (isSeq(node) && typeof step === 'number') {
        node = node.items[step];
        offset = offsetOf(node) ?? offset;
      } else if (isMap(node)) {
        const pair: Pair | undefined = this.#index(node).get(String(step));
        if (!pair) break;
        const key = offsetOf(pair.key);
        node = pair.value;
        // An empty value has no place of its own: its key is where the reader has to look.
        const wantsKey = (where === 'key' && index === path.length - 1) || isEmpty(node);
        offset = (wantsKey ? key : offsetOf(node)) ?? key ?? offset;
      } else break;
    }
    return this.#position(offset);
  }

  /** True for a value that came from `!env` or `!file`: it must not be shown. */
  isSecret(path: ConfigPath): boolean {
    return this.#secrets.has(formatPath(path));
  }

  /** A secret in the wrong place, such as that of a plugin's name, is not repeated by what complains about it. */
  #discreet(message: string): string {
    let text = message;
    for (const secret of this.#secretValues) text = text.replaceAll(secret, '(secret)');
    return text;
  }

  #index(map: YAMLMap): ReadonlyMap<string, Pair> {
    let index = this.#indexes.get(map);
    if (!index) {
      const entries = new Map<string, Pair>();
      for (const item of map.items) {
        const name = keyText(item.key);
        if (name !== undefined && !entries.has(name)) entries.set(name, item);
      }
      this.#indexes.set(map, (index = entries));
    }
    return index;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #refuse(node: unknown, path: ConfigPath, message: string): void {
    this.problems.push({ ...this.#position(offsetOf(node) ?? 0), path: formatPath(path), message });
  }

  #plain(node: unknown, path: ConfigPath, active: Set<unknown>): unknown {
    if (++this.#values > MAX_VALUES) {
      this.#refuse(node, path, `the file holds more than ${MAX_VALUES} values once its aliases are followed`);
      throw new Refused();
    }
    if (path.length > MAX_DEPTH) {
      this.#refuse(node, path.slice(0, 4), `values are nested more than ${MAX_DEPTH} levels deep`);
      throw new Refused();
    }
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined || active.has(target)) {
        return void this.#refuse(node, path, `*${node.source} does not refer to an earlier, finished value`);
      }
      return this.#plain(target, path, active);
    }
    const { anchor } = node as { anchor?: string }; // every node of the library may have one
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (isScalar(node)) return this.#scalar(node, path);
    active.add(node);
    try {
      if (isSeq(node)) return node.items.map((item, index) => this.#plain(item, [...path, index], active));
      if (isMap(node)) return this.#map(node.items, path, active);
    } finally {
      active.delete(node);
    }
    return void this.#refuse(node, path, 'this kind of value is not used in configurations');
  }

  #map(items: readonly Pair[], path: ConfigPath, active: Set<unknown>): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const places = new Map<string, unknown>();
    for (const { key, value } of items) {
      const name = keyText(key);
      if (name === undefined) {
        this.#refuse(key ?? value, path, 'a key must be plain text');
      } else if (FORBIDDEN.has(name)) {
        this.#refuse(key, [...path, name], `"${name}" cannot be used as a key; choose another name`);
      } else if (places.has(name)) {
        const { line } = this.#position(offsetOf(places.get(name)) ?? 0);
        this.#refuse(key, [...path, name], `"${name}" is here twice, first on line ${line}; remove one of them`);
      } else {
        places.set(name, key);
        result[name] = this.#plain(value, [...path, name], active);
      }
    }
    return result;
  }

  #scalar(node: Scalar, path: ConfigPath): unknown {
    if (node.tag !== '!env' && node.tag !== '!file') return node.value;
    const reference = String(node.value).trim();
    const found = node.tag === '!env' ? this.#sources.env(reference) : this.#sources.file(reference);
    this.#secrets.add(formatPath(path));
    if ('value' in found) {
      if (found.value.length >= SHORTEST_SECRET) this.#secretValues.add(found.value);
      return found.value;
    }
    this.#refuse(node, path, found.why);
    // A stand-in of the right kind, so that the missing secret is reported once and not again as a wrong type.
    return '';
  }
}

/** A key as text; the way it was written, so that `0x76` stays `0x76`. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key) || key.tag === '!env' || key.tag === '!file') return undefined;
  if (typeof key.value === 'string') return key.value;
  return key.value === null ? undefined : (key.source ?? JSON.stringify(key.value));
}

function offsetOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range; // parsed nodes have one
  return range?.[0];
}

const isEmpty = (node: unknown) => isScalar(node) && node.value === null && (node.source ?? '') === '';

const firstLine = (text: string) => text.split('\n', 1)[0]?.slice(0, 300) ?? '';

function unreadable(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  return firstLine(error instanceof Error ? error.message : String(error));
}
