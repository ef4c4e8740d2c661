import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginFolder } from './plugin-folders.js';
import { framesAbove } from './stack-frames.js';

/** A line of a plugin package. */
export interface PluginPlace {
  readonly package: string;
  /** Within the package. */
  readonly file: string;
  readonly line: number;
}

interface Owned {
  readonly package: string;
  readonly file: string;
}

/** Node's own frames that may lie between a plugin and what it calls, such as those of `util.promisify`. */
const DEPTH = 16;
/** Scripts whose owner is remembered. More come only of imports with ever new query strings. */
const REMEMBERED = 10_000;

/** Tells which code of the process belongs to a plugin package. What lies in the package's folder is the package's own. */
export class PluginCode {
  /** Inner folders before those around them. */
  readonly #roots: readonly (PluginFolder & { readonly inside: string })[];
  readonly #owners = new Map<string, Owned | undefined>();

  constructor(folders: readonly PluginFolder[]) {
    // Modules are known by their real paths, unless Node was told to preserve links.
    const both = folders.flatMap((each) => [each, { ...each, folder: real(each.folder) }]);
    this.#roots = both
      .map((each) => ({ ...each, inside: each.folder + sep }))
      .sort((a, b) => b.inside.length - a.inside.length);
  }

  /** The place that called `below`, if a plugin did so itself: directly, or through a function of Node or the language. */
  caller(below: (...args: never[]) => unknown): PluginPlace | undefined {
    // Hardly ever is it a plugin, and a single frame costs a fraction of a stack.
    const [first] = framesAbove(below, 1);
    if (!first || first.isAsync()) return undefined; // as below
    if (!isAnonymous(first)) return this.#placeOf(first);
    for (const frame of framesAbove(below, DEPTH)) {
      // An asynchronous frame did not call, it waits; and the fetch() that comes with Node measures its own time.
      if (frame.isAsync() || isBundled(frame)) return undefined;
      if (!isAnonymous(frame)) return this.#placeOf(frame);
    }
    return undefined;
  }

  /** The nearest place in a plugin that led to `below`, whoever is in between. */
  origin(below: (...args: never[]) => unknown): PluginPlace | undefined {
    for (const frame of framesAbove(below, DEPTH)) {
      const place = this.#placeOf(frame);
      if (place) return place;
    }
    return undefined;
  }

  #placeOf(frame: NodeJS.CallSite): PluginPlace | undefined {
    const script = frame.getFileName();
    if (!script || script.startsWith('node:')) return undefined;
    let owned = this.#owners.get(script);
    if (!owned && !this.#owners.has(script)) {
      owned = this.#ownerOf(script);
      if (this.#owners.size >= REMEMBERED) this.#owners.clear();
      this.#owners.set(script, owned);
    }
    return owned && { package: owned.package, file: owned.file, line: frame.getLineNumber() ?? 0 };
  }

  #ownerOf(script: string): Owned | undefined {
    const path = pathOf(script);
    const root = this.#roots.find(({ inside }) => path?.startsWith(inside));
    if (path === undefined || !root) return undefined;
    return { package: root.package, file: relative(root.folder, path).split(sep).join('/') };
  }
}

/** Code without a file of its own: Node's, the language's, or text that was evaluated by the next frame. */
function isAnonymous(frame: NodeJS.CallSite): boolean {
  const script = frame.getFileName();
  return !script || script.startsWith('node:');
}

const isBundled = (frame: NodeJS.CallSite) => frame.getFileName()?.startsWith('node:internal/deps/') === true;

/** Modules are known by a URL, CommonJS ones by a path. */
function pathOf(script: string): string | undefined {
  if (!script.startsWith('file:')) return script;
  try {
    return fileURLToPath(script);
  } catch {
    return undefined;
  }
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
