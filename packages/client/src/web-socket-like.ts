/** A handler that takes what the WebSocket at hand gives, of which the client uses `event`. */
type Handler<Event> = { takes(event: Event): void }['takes'] | null;

/** What the client uses of a WebSocket: the browser's, Node's own since 22, or that of the package `ws`. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: Handler<unknown>;
  onmessage: Handler<{ readonly data: unknown }>;
  onclose: Handler<{ readonly code: number; readonly reason: string }>;
  onerror: Handler<unknown>;
}

/** Makes WebSockets. */
export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;
