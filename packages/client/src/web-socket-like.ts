/** What the client uses of a WebSocket: the browser's, Node's own since 22, or that of the package `ws`. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
}

/** Makes WebSockets. */
export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;
