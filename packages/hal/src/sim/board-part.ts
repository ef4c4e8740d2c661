import type { Clock, Need, OpenContext, ResourceInfo } from '@hyphae/core';

/** The resources of one kind on an open board. */
export interface BoardPart extends Disposable {
  readonly kind: string;
  list(): ResourceInfo[];
  /** See Board.match. */
  match(need: Need, use: string | undefined): readonly string[];
  open(need: Need, address: string, context: OpenContext): unknown;
}

/** What the parts of a board share. */
export interface PartContext {
  readonly clock: Clock;
  /** What a chip, line or channel is, for listings. */
  label(thing: object): string;
}

/** The name of a chip's class where it has one of its own. */
export function classLabel(thing: object): string {
  const { name } = thing.constructor;
  return /^$|^Object$|^SimGpioLine$|^SimPwmChannel$/.test(name) ? 'simulated' : name;
}
