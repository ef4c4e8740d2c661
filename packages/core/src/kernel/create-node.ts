import 'reflect-metadata';
import { container as root } from 'tsyringe';
import { LocalEventBus } from '../events/event-bus.js';
import { Lifetime } from '../lifetime/lifetime.js';
import { type Logger, silentLogger } from '../logging/logger.js';
import { ResourceRegistry } from '../resources/registry.js';
import { ClockScheduler } from '../scheduling/clock-scheduler.js';
import type { Store } from '../store/measurement-store.js';
import type { Clock } from '../time/clock.js';
import type { Duration } from '../time/duration.js';
import { type Random, SeededRandom } from '../time/random.js';
import { SystemClock } from '../time/system-clock.js';
import { Interlocks } from './interlocks.js';
import { KernelNode } from './kernel-node.js';
import { LastValues } from './last-values.js';
import type { Node, NodeEvents } from './node.js';
import { OutputRack } from './output-rack.js';
import { Publisher } from './publisher.js';
import { Recorder, type RecorderOptions } from './recorder.js';
import {
  CLOCK,
  EVENTS,
  INTERLOCKS,
  LOG,
  OUTPUTS,
  PUBLISHER,
  RANDOM,
  RESOURCES,
  SCHEDULER,
  STATE,
  VALUES,
} from './tokens.js';
import { VolatileState } from './volatile-state.js';

/** What a node is made of. Tests and simulations replace parts here and nowhere else. */
export interface NodeParts {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Where readings and states are kept. It is not closed with the node. Default: nothing is kept. */
  readonly store?: Store;
  /** Default: seeded with 0. */
  readonly random?: Random;
  readonly recorder?: RecorderOptions;
  /** The longest one release may take at a stop. Default `5 s`. */
  readonly stopDeadline?: Duration;
}

/** The composition root: the only place that knows how the parts of a node fit together. */
export function createNode({
  clock = new SystemClock(),
  log = silentLogger,
  store,
  random = new SeededRandom(0),
  recorder: recorderOptions,
  stopDeadline = '5 s',
}: NodeParts = {}): Node {
  const life = new Lifetime('node', { clock, deadline: stopDeadline });
  const container = root.createChildContainer();
  container.register(CLOCK, { useValue: clock });
  container.register(LOG, { useValue: log });
  container.register(RANDOM, { useValue: random });
  const events = new LocalEventBus<NodeEvents>((error, topic) =>
    log.error(`a listener of ${topic} failed`, { error: String(error) }),
  );
  container.register(EVENTS, { useValue: events });
  const resources = new ResourceRegistry();
  container.register(RESOURCES, { useValue: resources });
  const values = new LastValues(clock);
  container.register(VALUES, { useValue: values });
  container.register(STATE, { useValue: store?.state ?? new VolatileState() });
  container.register(INTERLOCKS, { useValue: new Interlocks() });
  const outputs = new OutputRack();
  container.register(OUTPUTS, { useValue: outputs });
  const publisher = container.resolve(Publisher);
  container.register(PUBLISHER, { useValue: publisher });
  const recorder = store && new Recorder(store.measurements, events, clock, log, recorderOptions);
  if (recorder) life.own(recorder, 'recorder');
  const scheduler = life.own(new ClockScheduler(clock), 'scheduler');
  container.register(SCHEDULER, { useValue: scheduler });
  return new KernelNode({
    container,
    clock,
    log,
    events,
    scheduler,
    resources,
    outputs,
    values,
    publisher,
    recorder,
    life,
  });
}
