import { open } from 'node:fs/promises';
import type { Clock, Measurement } from '@hyphae/core';
import { RunLogError } from './errors.js';

const CHUNK = 1 << 18;

/** One JSON line per record, in the order they happened. Virtual time waits for the disk, so that memory stays bounded. */
export interface RunLog extends AsyncDisposable {
  add(path: string, record: Measurement): void;
  /** Something that happened to the node from outside. */
  note(event: string): void;
}

/** Creates or empties the file. @throws HYP_RUN_LOG */
export async function openRunLog(file: string, clock: Clock): Promise<RunLog> {
  const fail = (cause: unknown) =>
    new RunLogError({ file, why: cause instanceof Error ? cause.message : String(cause) }, { cause });
  const handle = await open(file, 'w').catch((error: unknown) => {
    throw fail(error);
  });
  let text = '';
  let failure: unknown;
  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    const chunk = text;
    text = '';
    writing = writing
      .then(async () => void (await handle.appendFile(chunk)))
      .catch((error: unknown) => void (failure ??= error));
    void clock.io(writing, 'the log of the run');
  };
  return {
    note(event) {
      text += `{"at":${clock.now()},"event":${JSON.stringify(event)}}\n`;
    },
    add(path, { at, kind = 'm', value, unit, quality, simulated }) {
      const mark = simulated === true ? ',"simulated":true' : '';
      text += `{"at":${at},"kind":"${kind}","path":${JSON.stringify(path)},"value":${value},"unit":${JSON.stringify(unit)},"quality":"${quality}"${mark}}\n`;
      if (text.length > CHUNK) write();
    },
    async [Symbol.asyncDispose]() {
      write();
      await writing;
      await handle.close();
      if (failure !== undefined) throw fail(failure);
    },
  };
}
