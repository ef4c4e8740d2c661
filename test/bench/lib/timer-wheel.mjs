// What one would write by hand for exactly this: the limit that the scheduler is measured against. A wheel of 2048 slots of
// 1 ms and one setTimeout to the next slot in use. No cancelling, no names, no errors, nothing due further away than 2 s.
const SLOTS = 2048;
const MASK = SLOTS - 1;

export class TimerWheel {
  #slots = Array.from({ length: SLOTS }, () => []);
  #tick = Math.floor(performance.now());
  #waiting = 0;
  #armedFor = Infinity;
  #handle = undefined;

  /** Calls `fire` at `due`, by performance.now(). */
  add(due, fire) {
    const tick = Math.max(Math.ceil(due), this.#tick + 1);
    this.#slots[tick & MASK].push(fire);
    this.#waiting++;
    if (tick < this.#armedFor) this.#arm(tick);
  }

  /** Resolves after `ms`. */
  wait(ms) {
    return new Promise((resolve) => this.add(performance.now() + ms, resolve));
  }

  #arm(tick) {
    clearTimeout(this.#handle);
    this.#armedFor = tick;
    this.#handle = setTimeout(this.#turn, Math.ceil(tick - performance.now()));
  }

  #turn = () => {
    this.#armedFor = -Infinity;
    const now = Math.floor(performance.now());
    while (this.#tick < now) {
      const index = ++this.#tick & MASK;
      const due = this.#slots[index];
      if (due.length === 0) continue;
      this.#slots[index] = [];
      this.#waiting -= due.length;
      for (const fire of due) fire();
    }
    this.#armedFor = Infinity;
    if (this.#waiting === 0) return;
    let next = this.#tick + 1;
    while (this.#slots[next & MASK].length === 0) next++;
    this.#arm(next);
  };
}
