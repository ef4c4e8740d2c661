import type { ServerOptions } from './create-server.js';
import type { StreamService } from '../stream/stream-service.js';

/** What the routes serve from. */
export interface RestContext extends ServerOptions {
  readonly stream: StreamService;
  /** Epoch ms of the start of the server. */
  readonly startedAt: number;
}
