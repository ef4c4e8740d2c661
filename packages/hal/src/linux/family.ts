import type { Clock, Need, OpenContext, ResourceInfo } from '@hyphae/core';
import { type Importer, importModule } from './native.js';

/** What every family of a Linux board works with. */
export interface Surroundings {
  readonly clock: Clock;
  /** Where sysfs is mounted: `/sys`, or a tree that looks like it. */
  readonly sysfs: string;
  /** Where device files are: `/dev`. */
  readonly dev: string;
  readonly load: Importer;
}

/** The resources of one kind on a Linux board. */
export interface Family {
  readonly kind: string;
  /** Looks at what is there, without touching it; what {@link match} and {@link list} answer from. */
  scan(): Promise<void>;
  list(): readonly ResourceInfo[];
  match(need: Need, use: string | undefined): readonly string[];
  open(need: Need, address: string, context: OpenContext): Promise<unknown>;
  /** Releases what outlives the single claim. */
  close(): Promise<void>;
}

/** The surroundings of a real machine, where not told otherwise. */
export function surroundings(clock: Clock, given: Partial<Surroundings> = {}): Surroundings {
  return { clock, sysfs: given.sysfs ?? '/sys', dev: given.dev ?? '/dev', load: given.load ?? importModule };
}
