import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecretSources } from './yaml-source.js';

const MAX_SECRET_BYTES = 65_536;

/**
 * Secrets from this process's environment and from files beside the configuration. A file that others may read is refused:
 * what is in it is no secret.
 */
export function secretSources(env: Readonly<Record<string, string | undefined>>, folder: string): SecretSources {
  return {
    env(name) {
      const value = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? env[name] : undefined;
      if (value !== undefined) return { value };
      return { why: `the environment variable ${name.slice(0, 60)} is not set; set it before the node starts` };
    },
    file(path) {
      const file = resolve(folder, path);
      try {
        const stats = statSync(file);
        if (!stats.isFile()) return { why: `${file} is not a file` };
        if (stats.size > MAX_SECRET_BYTES) return { why: `${file} is larger than ${MAX_SECRET_BYTES} bytes` };
        if ((stats.mode & 0o007) !== 0) return { why: `${file} can be read by every user; chmod 600 it first` };
        return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') };
      } catch (error) {
        return { why: `the file cannot be read: ${error instanceof Error ? error.message : String(error)}` };
      }
    },
  };
}
