import type { DependencyContainer } from 'tsyringe';
import { ConfigInvalidError, InstanceUnknownError } from '../errors/catalogue.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Logger } from '../logging/logger.js';
import type { PluginContext } from '../plugins/context.js';
import type { OptionsSchema } from '../plugins/options.js';
import type { Needs } from '../resources/need.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';
import { validateOptions } from './options.js';
import {
  CLOCK,
  CONTEXT,
  HANDLES,
  injects,
  LIFETIME,
  LOG,
  NAME,
  RANDOM,
  RESOURCES,
  serviceToken,
  SIMULATED,
} from './tokens.js';

/** What is common to the definitions that have needs. */
interface Assemblable {
  readonly id: string;
  readonly needs: Needs | ((options: never) => Needs);
  readonly options?: OptionsSchema;
}

/** What the user configured for it. */
export interface Assembly {
  readonly plugin: Assemblable;
  readonly options?: unknown;
  readonly use?: Readonly<Record<string, string>>;
  /** The service instance that answers each need for a service. */
  readonly services: Readonly<Record<string, string>>;
}

/** An instance's own container, and what was claimed for it. */
export interface Assembled {
  readonly container: DependencyContainer;
  readonly resources: readonly string[];
  /** The boards its resources are on. */
  readonly boards: ReadonlySet<string>;
}

/** The needs of a definition for these options. */
export function needsOf(plugin: Assemblable, options: unknown): Needs {
  // The definition's own types tie the function's parameter to its schema, which the options have passed.
  return typeof plugin.needs === 'function' ? (plugin.needs as (options: unknown) => Needs)(options) : plugin.needs;
}

/**
 * Builds the child container of one instance: exactly the handles and services it asked for, its options, clock, log and
 * signal. Everything acquired belongs to the instance's lifetime.
 */
export class Assembler {
  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly random: Random,
    private readonly resources: ResourceRegistry,
  ) {}

  /** @throws HYP_OPTIONS_INVALID, HYP_CONFIG_INVALID, HYP_CLAIM_CONFLICT, HYP_RESOURCE_MISSING, or a board's error */
  async assemble(parent: DependencyContainer, name: string, assembly: Assembly, life: Lifetime): Promise<Assembled> {
    const { plugin, use = {}, services } = assembly;
    const options = await validateOptions(plugin.id, plugin.options, assembly.options);
    const needs = needsOf(plugin, options);
    const strange = Object.keys(use).filter((key) => !Object.hasOwn(needs, key));
    if (strange.length > 0) {
      const known = Object.keys(needs).join(', ') || 'nothing';
      throw new ConfigInvalidError({ problems: [`${name}: use: ${strange.join(', ')}: ${plugin.id} needs ${known}`] });
    }

    const handles: Record<string, unknown> = {};
    const resources: string[] = [];
    const boards = new Set<string>();
    let simulated = false;
    for (const [key, need] of Object.entries(needs)) {
      if (need.kind === 'service') {
        handles[key] = this.#service(parent, services[key], need.optional === true);
      } else if (need.optional === true && use[key] === undefined) {
        handles[key] = undefined;
      } else {
        const claim = await this.resources.claim(need, { owner: name, lifetime: life, use: use[key] });
        handles[key] = claim.handle;
        resources.push(claim.resource);
        boards.add(claim.board);
        simulated ||= claim.simulated;
      }
    }

    const context: PluginContext = {
      name,
      options,
      clock: this.clock,
      log: this.log.child({ instance: name }),
      get signal() {
        return life.signal;
      },
      random: this.random.fork(name),
    };
    const container = parent.createChildContainer();
    container.register(NAME, { useValue: name });
    container.register(LIFETIME, { useValue: life });
    container.register(HANDLES, { useValue: handles });
    container.register(CONTEXT, { useValue: context });
    container.register(SIMULATED, { useValue: simulated });
    return { container, resources, boards };
  }

  #service(parent: DependencyContainer, instance: string | undefined, isOptional: boolean): unknown {
    if (instance !== undefined) return parent.resolve(serviceToken(instance));
    if (isOptional) return undefined;
    throw new InstanceUnknownError({ instance: '(none)', kind: 'service', known: [] });
  }
}
injects(CLOCK, LOG, RANDOM, RESOURCES)(Assembler);
