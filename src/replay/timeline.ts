/** What is to happen, in the order of its time; of the same time, in the order in which it was planned. */
interface Planned {
  readonly at: number;
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
    const heap = this.#heap;
    heap.push({ at: Math.max(at, this.#now), turn: this.#turn++, happens });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfEarlier(child, parent)) break;
      child = parent;
    }
  }

  /** Until nothing is left to come. */
  run(): void {
    for (let next = this.#take(); next; next = this.#take()) {
      this.#now = next.at;
      next.happens();
    }
  }

  #take(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    heap[0] = last;
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = right < heap.length && this.#isEarlier(right, left) ? right : left;
      if (child >= heap.length || !this.#swapIfEarlier(child, parent)) return first;
      parent = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (!one || !other) return false;
    return one.at === other.at ? one.turn < other.turn : one.at < other.at;
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
