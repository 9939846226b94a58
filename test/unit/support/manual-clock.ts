import type { Clock } from '../../../src/embedded/sip/timers.ts';

/** Time that passes when it is told to. */
export class ManualClock implements Clock {
  now = 0;
  readonly #due: { at: number; fire: () => void }[] = [];

  get waiting(): number {
    return this.#due.length;
  }

  after(ms: number, fire: () => void) {
    const entry = { at: this.now + ms, fire };
    this.#due.push(entry);
    return {
      cancel: () => {
        const index = this.#due.indexOf(entry);
        if (index >= 0) this.#due.splice(index, 1);
      },
    };
  }

  /** Fires what falls due on the way, in order, also what is set while it fires. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.now = next.at;
      next.fire();
    }
    this.now = end;
  }
}
