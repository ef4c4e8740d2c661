import type { DependencyContainer } from 'tsyringe';
import { ProviderAbsentError } from '../errors/catalogue.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import { channelPath, splitPath } from '../measurements/measurement.js';
import type { Unit } from '../measurements/unit.js';
import type { Need, Needs } from '../resources/need.js';
import { acquire } from './acquire.js';
import { Assembler, type Assembly, needsOf } from './assembler.js';
import { FunctionRunner } from './function-runner.js';
import type { InstanceBody } from './instance.js';
import type { BoardPlan, FunctionPlan, NodePlan, OutputPlan, SensorPlan, ServicePlan } from './node-plan.js';
import { OutputControl } from './output-control.js';
import { SensorRunner } from './sensor-runner.js';
import {
  CLOCK,
  CONTEXT,
  FUNCTION_PLAN,
  HANDLES,
  HEALTH,
  LIFETIME,
  LOG,
  NAME,
  OUTPUT_PLAN,
  OUTPUTS,
  RANDOM,
  RESOURCES,
  SENSOR_PLAN,
  serviceToken,
} from './tokens.js';
import { validateOptions } from './options.js';
import { within } from './within.js';

const OPEN_DEADLINE = '10 s';
const CLAIM_DEADLINE = '10 s';
const START_DEADLINE = '10 s';
const NO_BOARDS: ReadonlySet<string> = new Set();

const channelsOf = (id: string, channels: Readonly<Record<string, Unit>>) =>
  Object.entries(channels).map(([channel, unit]) => ({ path: channelPath(id, channel), unit }));

/** The needs of a plan entry before its options are validated, for the graph. Needs that cannot be told yet are none. */
function plannedNeeds({ plugin, options }: Pick<Assembly, 'plugin' | 'options'>): Needs {
  try {
    return needsOf(plugin, options ?? {});
  } catch {
    return {};
  }
}

/** Which service instance answers each need for a service: the one the user named, else one of the plugin asked for. */
function servicesFor(entry: Omit<Assembly, 'services'>, plan: NodePlan): Record<string, string> {
  const services: Record<string, string> = {};
  for (const [key, need] of Object.entries(plannedNeeds(entry))) {
    if (need.kind !== 'service') continue;
    const found = entry.use?.[key] ?? offering(need, plan);
    if (found !== undefined) services[key] = found;
    else if (need.optional !== true) services[key] = need.choices[0] ?? key;
  }
  return services;
}

function offering(need: Need, plan: NodePlan): string | undefined {
  return Object.entries(plan.services ?? {}).find(([, { plugin }]) => need.choices.includes(plugin.id))?.[0];
}

/** Builds what each kind of instance does, over one container. */
export class Bodies {
  constructor(
    private readonly container: DependencyContainer,
    private readonly plan: NodePlan,
  ) {}

  /** Every instance of the plan, by id. */
  all(): Map<string, InstanceBody> {
    const { boards, services = {}, outputs = {}, sensors = {}, functions = {} } = this.plan;
    return new Map<string, InstanceBody>([
      ...Object.entries(boards).map(([id, plan], rank) => [id, this.#board(id, plan, rank)] as const),
      ...Object.entries(services).map(([id, plan]) => [id, this.#service(id, plan)] as const),
      ...Object.entries(outputs).map(([id, plan]) => [id, this.#output(id, plan)] as const),
      ...Object.entries(sensors).map(([id, plan]) => [id, this.#sensor(id, plan)] as const),
      ...Object.entries(functions).map(([id, plan]) => [id, this.#function(id, plan)] as const),
    ]);
  }

  #board(id: string, { provider }: BoardPlan, rank: number): InstanceBody {
    const clock = this.container.resolve(CLOCK);
    const resources = this.container.resolve(RESOURCES);
    return {
      kind: 'board',
      plugin: provider.name,
      needs: [],
      channels: [],
      launch: async (life) => {
        const found = await within(
          clock,
          `probe of ${id}`,
          OPEN_DEADLINE,
          () => provider.probe({ clock }),
          undefined,
          life,
        );
        if (!found.present) throw new ProviderAbsentError({ provider: provider.name, why: found.why });
        const board = await acquire(clock, life, {
          what: `opening of ${id}`,
          deadline: OPEN_DEADLINE,
          work: () => provider.open({ clock }),
          keep: (opened) => life.own(opened, 'board'),
          putAway: (late) => this.#close(id, late),
        });
        life.own(resources.add(board, id, rank), 'listing');
        return { resources: [], boards: NO_BOARDS };
      },
    };
  }

  #service(id: string, plan: ServicePlan): InstanceBody {
    const services = servicesFor(plan, this.plan);
    return {
      kind: 'service',
      plugin: plan.plugin.id,
      needs: Object.values(services),
      channels: [],
      launch: async (life) => {
        const { container, ...claimed } = await this.#assemble(id, { ...plan, services }, life);
        const value = await acquire<unknown>(container.resolve(CLOCK), life, {
          what: `start of ${id}`,
          deadline: START_DEADLINE,
          work: () => plan.plugin.start(container.resolve(HANDLES), container.resolve(CONTEXT)),
          keep: (started) => isDisposable(started) && life.own(started, 'service'),
          putAway: (late) => this.#close(id, late),
        });
        life.throwIfEnded(); // what is registered now would hide what starts after it
        this.container.register(serviceToken(id), { useValue: value });
        return claimed;
      },
    };
  }

  #output(id: string, plan: OutputPlan): InstanceBody {
    const services = servicesFor(plan, this.plan);
    return {
      kind: 'output',
      plugin: plan.plugin.id,
      needs: Object.values(services),
      channels: [{ path: channelPath(id, 'state'), unit: plan.plugin.unit ?? '1' }],
      launch: async (life, health) => {
        const { container, ...claimed } = await this.#assemble(id, { ...plan, services }, life);
        container.register(OUTPUT_PLAN, { useValue: plan });
        container.register(HEALTH, { useValue: health });
        const control = container.resolve(OutputControl);
        await control.start();
        life.throwIfEnded(); // ended meanwhile: what is listed now nobody would take off again
        life.own(this.container.resolve(OUTPUTS).add(control), 'listing');
        return claimed;
      },
    };
  }

  #sensor(id: string, plan: SensorPlan): InstanceBody {
    const services = servicesFor(plan, this.plan);
    return {
      kind: 'sensor',
      plugin: plan.plugin.id,
      needs: Object.values(services),
      channels: channelsOf(id, plan.plugin.channels),
      launch: async (life, health) => {
        const { container, ...claimed } = await this.#assemble(id, { ...plan, services }, life);
        container.register(SENSOR_PLAN, { useValue: plan });
        container.register(HEALTH, { useValue: health });
        return { ...claimed, task: await container.resolve(SensorRunner).start() };
      },
    };
  }

  #function(id: string, plan: FunctionPlan): InstanceBody {
    const { plugin } = plan;
    const outputs = Object.values(plan.outputs ?? {});
    return {
      kind: 'function',
      plugin: plugin.id,
      needs: outputs,
      listensTo: [...new Set(Object.values(plan.inputs).map((path) => splitPath(path).source))],
      channels: channelsOf(id, plugin.channels ?? {}),
      launch: async (life, health) => {
        const options = await validateOptions(plugin.id, plugin.options, plan.options);
        const container = this.container.createChildContainer();
        container.register(NAME, { useValue: id });
        container.register(LIFETIME, { useValue: life });
        container.register(CONTEXT, {
          useValue: {
            name: id,
            options,
            clock: container.resolve(CLOCK),
            log: container.resolve(LOG).child({ instance: id }),
            get signal() {
              return life.signal;
            },
            random: container.resolve(RANDOM).fork(id),
          },
        });
        container.register(FUNCTION_PLAN, { useValue: plan });
        container.register(HEALTH, { useValue: health });
        container.resolve(FunctionRunner).start();
        return { resources: outputs, boards: NO_BOARDS };
      },
    };
  }

  /** Options and claims. What is opened belongs to the lifetime, in time or not. */
  #assemble(id: string, assembly: Assembly, life: Lifetime) {
    const clock = this.container.resolve(CLOCK);
    const assemble = () => this.container.resolve(Assembler).assemble(this.container, id, assembly, life);
    return within(clock, `claims of ${id}`, CLAIM_DEADLINE, assemble, undefined, life);
  }

  /** Closes what came too late to be used. */
  async #close(id: string, value: unknown): Promise<void> {
    try {
      if (!isDisposable(value)) return;
      await (Symbol.asyncDispose in value ? value[Symbol.asyncDispose]() : value[Symbol.dispose]());
    } catch (error) {
      this.container.resolve(LOG).warn(`${id} came too late and did not close cleanly`, { error: String(error) });
    }
  }
}

function isDisposable(value: unknown): value is Disposable | AsyncDisposable {
  return typeof value === 'object' && value !== null && (Symbol.dispose in value || Symbol.asyncDispose in value);
}
