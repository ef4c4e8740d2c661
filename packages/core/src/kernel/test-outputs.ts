import { defineOutput, type OutputDefinition } from '../plugins/output.js';
import type { Plugin } from '../plugins/plugin.js';
import type { PluginContext } from '../plugins/context.js';
import type { Logger } from '../logging/logger.js';
import type { Store } from '../store/measurement-store.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { createNode } from './create-node.js';
import type { Node, OutputStatus } from './node.js';
import type { FunctionPlan, OutputPlan, SensorPlan } from './node-plan.js';
import type { OutputControl } from './output-control.js';
import type { OutputRack } from './output-rack.js';
import { VolatileState } from './volatile-state.js';

type Apply = (value: number, tools: Tools) => Promise<number> | number;
type Tools = Pick<PluginContext, 'clock'> & { readonly signal: AbortSignal };
type Device = Plugin<'output', OutputDefinition>;

/** A switch whose device is the function given. */
export function device(apply: Apply, more: Partial<OutputDefinition> = {}, read?: () => number): Device {
  return defineOutput({
    id: 'device',
    mode: 'switch',
    safe: 0,
    needs: {},
    ...more,
    start: (_none, { clock }) => ({
      apply: (value, { signal }) => apply(value, { clock, signal }),
      ...(read ? { read } : {}),
    }),
  });
}

/** A node with outputs alone, on a virtual clock. */
export interface Bench extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly node: Node;
  readonly log: readonly string[];
  on(id: string, leaseMs?: number): Promise<OutputStatus>;
  off(id: string): Promise<OutputStatus>;
  /** The code of what the command failed with. */
  refused(id: string, value: number): Promise<string>;
  status(id: string): OutputStatus;
  state(id: string): string | undefined;
  /** The output as functions have it. */
  control(id: string): OutputControl;
}

/** What a {@link Bench} is made of. */
export interface BenchParts {
  readonly outputs: Readonly<Record<string, OutputPlan>>;
  readonly sensors?: Readonly<Record<string, SensorPlan>>;
  readonly functions?: Readonly<Record<string, FunctionPlan>>;
  readonly clock?: VirtualClock;
  readonly state?: VolatileState;
}

const CLIENT = 'client test';

export async function benchOf({ clock = new VirtualClock(), state, ...plan }: BenchParts): Promise<Bench> {
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const log: Logger = { debug: () => {}, info: () => {}, warn: write, error: write, child: () => log };
  const node = createNode({ clock, log, ...(state ? { store: storeOf(state) } : {}) });
  await clock.run(node.start({ boards: {}, ...plan }));
  const { parts } = node as unknown as { readonly parts: { readonly outputs: OutputRack } }; // what createNode has put together
  const set = (id: string, value: number, leaseMs?: number) =>
    clock.run(node.outputs.set(id, { value, owner: CLIENT, ...(leaseMs === undefined ? {} : { leaseMs }) }));
  return {
    clock,
    node,
    log: lines,
    on: (id, leaseMs) => set(id, 1, leaseMs),
    off: (id) => set(id, 0),
    refused: (id, value) =>
      set(id, value).then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      ),
    status: (id) => node.outputs.get(id),
    control: (id) => parts.outputs.control(id),
    state: (id) => node.status().find((instance) => instance.id === id)?.state,
    [Symbol.asyncDispose]: () => clock.run(node[Symbol.asyncDispose]()),
  };
}

/** A store that forgets measurements and keeps state. */
function storeOf(state: VolatileState): Store {
  const append = (records: readonly unknown[]) => Promise.resolve({ epoch: 'x', from: 0, to: records.length, records });
  return {
    state,
    measurements: { append } as never, // the recorder uses no more
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
