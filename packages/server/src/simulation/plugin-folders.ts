import { dependencyNames, findPackage, isCandidate, type PackageJson, readPackageJson } from '../discovery/manifest.js';

/** A plugin package and where it lies. */
export interface PluginFolder {
  readonly package: string;
  readonly folder: string;
}

/**
 * The packages among the dependencies of these folders that say they bring plugins, before any of their code runs. What cannot be
 * read is left out: discovery says so.
 */
export function pluginFolders(folders: readonly string[]): readonly PluginFolder[] {
  const found = new Map<string, PluginFolder>();
  for (const from of folders) {
    for (const name of dependencyNames(read(from))) {
      const folder = found.has(name) ? undefined : findPackage(from, name);
      if (folder !== undefined && isCandidate(read(folder))) found.set(name, { package: name, folder });
    }
  }
  return [...found.values()];
}

function read(folder: string): PackageJson {
  try {
    return readPackageJson(folder);
  } catch {
    return {};
  }
}
