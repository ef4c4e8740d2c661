/** A source of randomness that a run owns, so that one seed reproduces it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A number of the normal distribution with mean 0 and standard deviation 1. */
  normal(): number;
  /** An independent generator, derived from this one's seed and the name: adding a consumer does not disturb the others. */
  fork(name: string): Random;
}

/** 32-bit FNV-1a hash of the UTF-16 code units. */
function hash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Mulberry32: 32 bits of state, passes the tests a simulation needs, the same on every machine. Not for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Box–Muller transform. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return radius * Math.cos(2 * Math.PI * this.next());
  }

  fork(name: string): Random {
    return new SeededRandom(hash(name, this.seed));
  }
}
