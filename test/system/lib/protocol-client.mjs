// A stream client written from docs/reference/stream-protocol.md alone, with nothing of Hyphae imported. It records what it is told.
import WebSocket from 'ws';

export class ProtocolClient {
  /** Values by channel path, as the snapshot and the deltas say. */
  state = new Map();
  /** Every delivered record: [q, path, value, at, quality]. */
  records = [];
  channels = new Map();
  errors = [];
  #socket;
  #waiting = [];
  #received = [];
  #id = 0;

  constructor(node) {
    this.node = node;
  }

  async connect() {
    this.#socket = new WebSocket(`${this.node.url.replace('http', 'ws')}/api/v1/stream`, 'hyphae.v1.json');
    this.closed = new Promise((resolve) => this.#socket.on('close', (code) => resolve(code)));
    this.#socket.on('error', () => {});
    this.#socket.on('message', (data, binary) => {
      if (binary) this.errors.push('a binary frame on json');
      this.#receive(JSON.parse(data.toString()));
    });
    const hello = await this.next('hello');
    if (hello.p !== 1) this.errors.push(`protocol ${hello.p}`);
    this.send({ t: 'auth', token: this.node.token, client: { name: 'from the page', ver: '1' } });
    this.ready = await this.next('ready');
    return this;
  }

  send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  /** The next message of a type. */
  next(type, timeoutMs = 20_000) {
    const at = this.#received.findIndex(({ t }) => t === type);
    if (at >= 0) return Promise.resolve(this.#received.splice(at, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${type} within ${timeoutMs} ms`)), timeoutMs);
      this.#waiting.push({ type, resolve: (message) => (clearTimeout(timer), resolve(message)) });
    });
  }

  async subscribe(options) {
    const id = ++this.#id;
    this.send({ t: 'sub', id, mode: 'lossless', sel: ['#'], ...options });
    const ok = await this.next('subok');
    this.sub = ok.sub;
    return ok;
  }

  /** Cuts the connection without a good-bye. */
  cut() {
    this.#socket.terminate();
    return this.closed;
  }

  async command(message) {
    const id = ++this.#id;
    this.send({ t: 'cmd', id, ...message });
    for (;;) {
      const result = await this.next('cres');
      if (result.id === id) return result;
    }
  }

  #receive(message) {
    if (message.ch)
      for (const [handle, [path, unit]] of Object.entries(message.ch))
        this.channels.set(Number(handle), { path, unit });
    if (message.t === 'subok') {
      this.epoch = message.e;
      // A subscription begins at its position; a resumed one exactly where the last one ended.
      if (message.resumed && message.at !== this.position)
        this.errors.push(`resumed at ${message.at}, was at ${this.position}`);
      this.position = message.at;
    }
    if (message.t === 'snap') {
      if (message.at !== this.position) this.errors.push(`snapshot at ${message.at}, subscribed at ${this.position}`);
      for (const [handle, value, at, quality] of message.r) this.#set(handle, value, at, quality);
    }
    if (message.t === 'd') {
      if (message.from !== this.position) this.errors.push(`frame from ${message.from}, position ${this.position}`);
      let last = message.from;
      for (const [q, handle, value, at, quality] of message.r) {
        if (!(q > last && q <= message.to))
          this.errors.push(`q ${q} after ${last} in (${message.from}, ${message.to}]`);
        last = q;
        this.#set(handle, value, at, quality);
        this.records.push([q, this.channels.get(handle)?.path, value, at, quality]);
      }
      this.position = message.to;
      this.send({ t: 'ack', sub: message.sub, q: message.to });
    }
    const waiting = this.#waiting.findIndex(({ type }) => type === message.t);
    if (waiting >= 0) this.#waiting.splice(waiting, 1)[0].resolve(message);
    else if (message.t !== 'd') this.#received.push(message);
  }

  #set(handle, value, at, quality) {
    const channel = this.channels.get(handle);
    if (!channel) this.errors.push(`handle ${handle} was never announced`);
    else this.state.set(channel.path, [value, at, quality]);
  }
}
