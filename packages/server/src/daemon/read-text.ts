import { readFile, stat } from 'node:fs/promises';
import { MAX_BYTES } from '../config/yaml-source.js';
import { ConfigFileError } from './errors.js';

/** Reads a file that a user writes, such as a configuration. @throws HYP_CONFIG_FILE when it cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw new Error('it is not a file');
    // One byte too many is left for the parser to complain about, in the form of a problem with a place.
    if (stats.size > 16 * MAX_BYTES) throw new Error(`it has ${stats.size} bytes; ${MAX_BYTES} are possible`);
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new ConfigFileError({ file, why: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}
