import type { Environment } from '../daemon/locate.js';
import { type LogLevel, logLevel } from '../daemon/line-logger.js';
import type { Terminal } from './terminal.js';

/** The level of HYPHAE_LOG_LEVEL, if it names one; a word that is none is said. */
export function wishedLevel(env: Environment, terminal: Pick<Terminal, 'note'>): LogLevel | undefined {
  const word = env['HYPHAE_LOG_LEVEL'];
  const level = logLevel(word);
  if (level === undefined && word !== undefined && word.trim() !== '') {
    terminal.note(`HYPHAE_LOG_LEVEL is "${word}"; it can be debug, info, warn, error or silent`);
  }
  return level;
}
