import type { Endpoint, RtpFigures } from '../media/media.ts';

/** `leg`: 0 is the caller, else the attempt's position, from 1. */
export type FiguresOfLeg = RtpFigures & { readonly leg: number };

/** What the media server counted on a call's legs: told as each is let go, written once the call's record stands. */
export class LegFigures {
  readonly #early: FiguresOfLeg[] = [];
  #write: ((figures: FiguresOfLeg) => void) | null = null;

  follow(leg: number, endpoint: Endpoint): void {
    void endpoint.figures.then((figures) => {
      if (figures !== null) this.#take({ leg, ...figures });
    });
  }

  /** The record stands: what was told before is written now, what comes later at once. */
  recordStands(write: (figures: FiguresOfLeg) => void): void {
    this.#write = write;
    for (const figures of this.#early.splice(0)) write(figures);
  }

  #take(figures: FiguresOfLeg): void {
    if (this.#write) this.#write(figures);
    else this.#early.push(figures);
  }
}
