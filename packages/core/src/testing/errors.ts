import { defineError } from '../errors/hyphae-error.js';

export const LeakError = defineError<{ plugin: string; left: readonly string[] }>()(
  'HYP_TEST_LEAK',
  '{plugin} left behind: {left}',
  { remedy: 'Tie every timer and handle to the context’s signal or to stop().' },
);
export const StopFailedError = defineError<{ plugin: string; why: string }>()(
  'HYP_TEST_STOP',
  '{plugin} did not stop cleanly: {why}',
  { remedy: 'Mend what stop() or a release throws.' },
);
