import type { EventBus } from '../events/event-bus.js';
import { channelPath, type Measurement } from '../measurements/measurement.js';
import type { LastValues, Slot } from './last-values.js';
import type { NodeEvents } from './node.js';
import { EVENTS, injects, VALUES } from './tokens.js';

/** The one way a reading enters the node: state first, then everybody who listens. */
export class Publisher {
  constructor(
    private readonly events: EventBus<NodeEvents>,
    private readonly values: LastValues,
  ) {}

  slot(source: string, channel: string): Slot {
    return this.values.slot(channelPath(source, channel));
  }

  publish(slot: Slot, reading: Measurement): void {
    this.values.set(slot, reading);
    this.events.publish('measurement', reading);
  }
}
injects(EVENTS, VALUES)(Publisher);
