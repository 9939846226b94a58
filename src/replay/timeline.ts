/** What is to happen, in the order of its time; of the same time, what comes from outside first, then as it was planned. */
interface Planned {
  readonly at: number;
  readonly comes: boolean;
  readonly turn: number;
  readonly happens: () => void;
}

/** Time that passes only when something happens: a binary heap of what is still to come. */
export class Timeline {
  readonly #heap: Planned[] = [];
  #turn = 0;
  #now = 0;

  get now(): number {
    return this.#now;
  }

  plan(at: number, happens: () => void): void {
    this.#push(at, false, happens);
  }

  /** From outside: it may be told of late, when others of that time were planned, and is before them all the same. */
  comes(at: number, happens: () => void): void {
    this.#push(at, true, happens);
  }

  #push(at: number, comes: boolean, happens: () => void): void {
    const heap = this.#heap;
    heap.push({ at: Math.max(at, this.#now), comes, turn: this.#turn++, happens });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfEarlier(child, parent)) break;
      child = parent;
    }
  }

  /** What happens before then; unless it is said, until nothing is left to come. */
  run(until = Number.POSITIVE_INFINITY): void {
    for (let first = this.#heap[0]; first && first.at < until; first = this.#heap[0]) {
      this.#take();
      this.#now = first.at;
      first.happens();
    }
  }

  #take(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = right < heap.length && this.#isEarlier(right, left) ? right : left;
      if (child >= heap.length || !this.#swapIfEarlier(child, parent)) return;
      parent = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (!one || !other) return false;
    if (one.at !== other.at) return one.at < other.at;
    return one.comes === other.comes ? one.turn < other.turn : one.comes;
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const one = this.#heap[child];
    const other = this.#heap[parent];
    if (!one || !other || !this.#isEarlier(child, parent)) return false;
    this.#heap[parent] = one;
    this.#heap[child] = other;
    return true;
  }
}
