import { defineError, isHyphaeError, show, type HyphaeError } from './hyphae-error.js';

// Rows are grouped by who meets them. Every row is documented in docs/reference/errors.md; a contract test keeps both equal.

// Configuration and plugins
export const ConfigInvalidError = defineError<{ problems: readonly string[] }>()(
  'HYP_CONFIG_INVALID',
  'The configuration has problems: {problems}',
  { remedy: 'Mend each problem listed; `hyphae check` repeats the list with line numbers.' },
);
export const OptionsInvalidError = defineError<{ plugin: string; problems: readonly string[] }>()(
  'HYP_OPTIONS_INVALID',
  'Options of {plugin} are not valid: {problems}',
  { remedy: 'Compare the options with the plugin’s documentation.' },
);
export const DurationError = defineError<{ duration: unknown }>()(
  'HYP_DURATION',
  '{duration} is not a length of time',
  { remedy: 'Write a number and ms, s, min, h or d, such as "10 s".' },
);
export const UnitUnknownError = defineError<{ unit: string }>()('HYP_UNIT_UNKNOWN', '{unit} is not a known unit', {
  remedy: 'Use a UCUM code from docs/reference/units.md, such as Cel, % or hPa.',
});
export const UnitMismatchError = defineError<{ from: string; to: string }>()(
  'HYP_UNIT_MISMATCH',
  '{from} cannot be converted to {to}: they measure different quantities',
  { remedy: 'Connect channels and inputs of the same quantity.' },
);
export const PluginInvalidError = defineError<{ plugin: string; why: string }>()(
  'HYP_PLUGIN_INVALID',
  'Plugin {plugin} is not valid: {why}',
  { remedy: 'Tell the plugin’s author, or mend its definition.' },
);
export const PluginUnknownError = defineError<{ plugin: string; kind: string; known: readonly string[] }>()(
  'HYP_PLUGIN_UNKNOWN',
  'No {kind} plugin is called {plugin}; known are: {known}',
  { remedy: 'Correct the name, or install the package that provides it with `hyphae plugins add`.' },
);
export const PluginLoadError = defineError<{ package: string; why: string }>()(
  'HYP_PLUGIN_LOAD',
  'Package {package} could not be loaded: {why}',
  { remedy: 'Update or remove the package; the rest of the node runs without it.' },
);

// The graph of instances
export const CycleError = defineError<{ cycle: readonly string[] }>()(
  'HYP_CYCLE',
  'These instances need each other in a circle: {cycle}',
  { remedy: 'Remove one of the needs in the circle.' },
);
export const NotReadyError = defineError<{ instance: string; because: string }>()(
  'HYP_NOT_READY',
  '{instance} is not ready because {because}',
  { retryable: true, remedy: 'Mend the first cause in the chain; what depends on it starts by itself.' },
);
export const InstanceUnknownError = defineError<{ instance: string; kind: string; known: readonly string[] }>()(
  'HYP_INSTANCE_UNKNOWN',
  'There is no {kind} called {instance}; there are: {known}',
  { remedy: 'Correct the name in the configuration or the request.' },
);
export const DeadlineError = defineError<{ what: string; deadline: string }>()(
  'HYP_DEADLINE',
  '{what} did not end within {deadline}',
  { retryable: true, remedy: 'Look for a hanging device or plugin; a longer deadline can be configured.' },
);
export const PluginFailureError = defineError<{ instance: string; hook: string; why: string }>()(
  'HYP_PLUGIN_FAILURE',
  '{instance} failed in {hook}: {why}',
  { retryable: true, remedy: 'The cause is in the plugin’s code: report it to its author with the log.' },
);
export const DisposedError = defineError<{ what: string }>()('HYP_DISPOSED', '{what} is already closed', {
  remedy: 'Nothing to do while stopping; otherwise a part is used after its end, which is a bug.',
});

// Resources and devices
export const ClaimConflictError = defineError<{ resource: string; owner: string; holder: string }>()(
  'HYP_CLAIM_CONFLICT',
  '{owner} asked for {resource}, which {holder} already holds',
  { remedy: 'Give one of the two another address, line or port under `use`.' },
);
export const ResourceMissingError = defineError<{ kind: string; resource: string; offered: readonly string[] }>()(
  'HYP_RESOURCE_MISSING',
  'No board offers {kind} {resource}; offered are: {offered}',
  { retryable: true, remedy: 'Correct `use`, or add the board or device that has it.' },
);
export const ResourceAmbiguousError = defineError<{
  kind: string;
  resource: string;
  boards: readonly string[];
  example: string;
}>()('HYP_RESOURCE_AMBIGUOUS', 'Several boards offer {kind} {resource}: {boards}; write which one, such as {example}', {
  remedy: 'Put the board’s name before the address under `use`.',
});
export const ProviderAbsentError = defineError<{ provider: string; why: string }>()(
  'HYP_PROVIDER_ABSENT',
  'Board provider {provider} is not usable here: {why}',
  { remedy: 'Install what it names, or use `provider: sim`.' },
);
export const DeviceIdentityError = defineError<{ device: string; expected: string; found: string }>()(
  'HYP_DEVICE_IDENTITY',
  '{device} identifies itself as {found}, expected {expected}',
  { remedy: 'Another chip answers at this address: check the wiring and the plugin chosen.' },
);
export const DeviceNotReadyError = defineError<{ device: string; why: string }>()(
  'HYP_DEVICE_NOT_READY',
  '{device} has no result: {why}',
  { retryable: true, remedy: 'The host tries again; if it persists, check supply and wiring.' },
);
export const ChecksumError = defineError<{ device: string; expected: string; found: string }>()(
  'HYP_CHECKSUM',
  '{device} sent data with checksum {found}, expected {expected}',
  { retryable: true, remedy: 'The reading is dropped; frequent ones point to long or noisy wiring.' },
);
export const ReadingInvalidError = defineError<{ source: string; channel: string; found: string }>()(
  'HYP_READING_INVALID',
  '{source} gave {found} for channel {channel}, which is not a finite number',
  { retryable: true, remedy: 'The reading is dropped; if it persists, the driver or the device is at fault.' },
);

// Outputs
export const OutputRangeError = defineError<{ output: string; value: unknown; range: string }>()(
  'HYP_OUTPUT_RANGE',
  '{output} cannot be set to {value}: {range}',
  { remedy: 'Send a value in the range.' },
);
export const OutputOwnedError = defineError<{ output: string; owner: string }>()(
  'HYP_OUTPUT_OWNED',
  '{output} is controlled by {owner}',
  { remedy: 'Stop or pause that owner first, or command through it.' },
);
export const OutputInterlockError = defineError<{ output: string; why: string }>()(
  'HYP_OUTPUT_INTERLOCK',
  '{output} refuses: {why}',
  { retryable: true, remedy: 'Wait until the limit allows it; limits hold for every caller.' },
);
export const OutputStuckError = defineError<{ output: string; wanted: number; found: number }>()(
  'HYP_OUTPUT_STUCK',
  '{output} was set to {wanted} and is at {found}',
  {
    retryable: true,
    remedy: 'Cut the power of the load by hand, then check relay, wiring and driver; it is tried again all the time.',
  },
);

// Time and storage
export const VirtualTimeError = defineError<{ why: string; waiting: readonly string[] }>()(
  'HYP_VIRTUAL_TIME',
  'Virtual time is stuck: {why}. Waiting: {waiting}',
  { remedy: 'Declare real I/O with clock.io(), or find the wait that never ends.' },
);
export const StoreError = defineError<{ operation: string; why: string }>()(
  'HYP_STORE',
  'The store could not {operation}: {why}',
  { retryable: true, remedy: 'Check free space and permissions of the data directory; control goes on meanwhile.' },
);
export const StoreSchemaError = defineError<{ found: number; supported: number }>()(
  'HYP_STORE_SCHEMA',
  'The database has schema {found}, this version knows up to {supported}',
  { remedy: 'Run the newer version that wrote it, or use another file.' },
);
export const ModuleMissingError = defineError<{ module: string; purpose: string; remedy: string }>()(
  'HYP_MODULE_MISSING',
  '{purpose} needs the module {module}, which is not installed: {remedy}',
  { remedy: 'Install the module named, with its build tools where it compiles.' },
);

/** Gives whatever was thrown a code: catalogued errors pass, the rest becomes HYP_PLUGIN_FAILURE of this instance and hook. */
export function asHyphaeError(error: unknown, instance: string, hook: string): HyphaeError {
  if (isHyphaeError(error)) return error;
  const why = error instanceof Error ? error.message : show(error);
  return new PluginFailureError({ instance, hook, why }, { cause: error });
}
