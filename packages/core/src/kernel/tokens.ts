import 'reflect-metadata';
import { inject, injectable, type InjectionToken } from 'tsyringe';
import type { EventBus } from '../events/event-bus.js';
import type { Lifetime } from '../lifetime/lifetime.js';
import type { Logger } from '../logging/logger.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Scheduler } from '../scheduling/scheduler.js';
import type { StateStore } from '../store/measurement-store.js';
import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';
import type { PluginContext } from '../plugins/context.js';
import type { Health } from './instance.js';
import type { Interlocks } from './interlocks.js';
import type { LastValues } from './last-values.js';
import type { FunctionPlan, OutputPlan, SensorPlan } from './node-plan.js';
import type { OutputRack } from './output-rack.js';
import type { Publisher } from './publisher.js';
import type { NodeEvents } from './node.js';

declare const carried: unique symbol;

/** A container token that remembers its type. `Symbol.for`, so that two copies of core mean the same part. */
export type Token<T> = InjectionToken<T> & { readonly [carried]?: T };

/** Makes a token. The same name gives the same token. */
export function token<T>(name: string): Token<T> {
  return Symbol.for(`hyphae:${name}`);
}

type Tokens<A extends readonly unknown[]> = { [K in keyof A]: Token<A[K]> };

/**
 * Declares what a class's constructor is given, in order. Explicit tokens instead of emitted metadata: the compiler checks
 * the list against the constructor, and no decorator is needed.
 */
export function injects<const A extends readonly unknown[]>(...tokens: Tokens<A>) {
  return <T>(type: new (...args: [...A]) => T): void => {
    (tokens as readonly InjectionToken[]).forEach((each, index) => void inject(each)(type, undefined, index));
    injectable()(type);
  };
}

// Parts of the node, the same for every instance.
export const CLOCK = token<Clock>('clock');
export const EVENTS = token<EventBus<NodeEvents>>('events');
export const LOG = token<Logger>('log');
export const RANDOM = token<Random>('random');
export const RESOURCES = token<ResourceRegistry>('resources');
export const SCHEDULER = token<Scheduler>('scheduler');
export const STATE = token<StateStore>('state');
export const VALUES = token<LastValues>('values');
export const PUBLISHER = token<Publisher>('publisher');
export const OUTPUTS = token<OutputRack>('outputs');
export const INTERLOCKS = token<Interlocks>('interlocks');

// Parts of one instance, registered in its own child container.
export const NAME = token<string>('instance/name');
export const LIFETIME = token<Lifetime>('instance/lifetime');
export const HANDLES = token<Readonly<Record<string, unknown>>>('instance/handles');
export const CONTEXT = token<PluginContext>('instance/context');
export const SIMULATED = token<boolean>('instance/simulated');
export const HEALTH = token<Health>('instance/health');
/** The kind's own part of the plan. */
export const SENSOR_PLAN = token<SensorPlan>('instance/sensor-plan');
export const OUTPUT_PLAN = token<OutputPlan>('instance/output-plan');
export const FUNCTION_PLAN = token<FunctionPlan>('instance/function-plan');

/** The token under which a running service is found. */
export const serviceToken = (instance: string): Token<unknown> => token(`service/${instance}`);
