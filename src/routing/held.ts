/** Numbers that publishers hold beyond those that the config gives, as the calls ask for them. */

/** Who holds a number at an instant. */
export interface Held {
  readonly campaign: string;
  readonly publisher: string;
  readonly source: string | null;
  /** Calls to it are refused for now. */
  readonly paused: boolean;
  /** Of the visit that the number is lent to, by name. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** `number` is E.164, `at` milliseconds since the epoch; null where nobody holds it then. */
export type HeldNumbers = (number: string, at: number) => Held | null;
