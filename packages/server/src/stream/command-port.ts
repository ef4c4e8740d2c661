import type { Cmd, CommandGet, Renew } from '@hyphae/client';
import type { Identity } from '../auth/token-store.js';
import type { Command, CommandDesk } from './command-desk.js';
import type { FrameWriter } from './frame-writer.js';
import type { StreamLimits } from './limits.js';
import { StreamFailure, streamFailure } from './stream-failure.js';

/** The commands of one connection. Each request is answered exactly once, as long as the connection lasts. */
export class CommandPort {
  #underWay = 0;

  constructor(
    readonly writer: FrameWriter,
    readonly desk: CommandDesk,
    readonly who: Identity,
    readonly limits: StreamLimits,
    readonly fail: (failure: StreamFailure, id?: number) => void,
  ) {}

  /** @throws StreamFailure `busy` */
  command(message: Cmd): void {
    const { id, key, to, op, args, ttlMs, lease, if: condition } = message;
    const command: Command = {
      key,
      to,
      op,
      ...(args ? { args: pick(args) } : {}),
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...(lease ? { lease: { ms: lease.ms } } : {}),
      ...(condition ? { if: { rev: condition.rev } } : {}),
    };
    this.#run(id, async () => {
      const { key: _, ...carried } = await this.desk.carryOut(this.who, command, () =>
        this.writer.send({ t: 'cack', id }),
      );
      this.writer.send({ t: 'cres', id, ...carried });
    });
  }

  /** @throws StreamFailure `busy` */
  renew({ id, lease }: Renew): void {
    this.#run(id, async () => {
      const outcome = await this.desk.renew(this.who, lease);
      this.writer.send({ t: 'cres', ...(id === undefined ? {} : { id }), ...outcome });
    });
  }

  /** @throws StreamFailure `busy` */
  get({ id, key }: CommandGet): void {
    this.#run(id, async () => {
      const carried = await this.desk.recall(this.who, key);
      this.writer.send({ t: 'cres', ...(id === undefined ? {} : { id }), ...carried });
    });
  }

  #run(id: number | undefined, work: () => Promise<void>): void {
    if (this.#underWay >= this.limits.commandsInFlight) {
      throw new StreamFailure('busy', `at most ${this.limits.commandsInFlight} commands at a time`, true);
    }
    this.#underWay++;
    void work()
      .catch((error: unknown) => this.fail(streamFailure(error), id))
      .finally(() => this.#underWay--);
  }
}

/** Only the known fields, so that a key does not depend on what is ignored. */
function pick({ on, value }: NonNullable<Cmd['args']>): NonNullable<Cmd['args']> {
  return { ...(on === undefined ? {} : { on }), ...(value === undefined ? {} : { value }) };
}
