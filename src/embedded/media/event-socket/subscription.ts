import type { MediaEvent, Subject } from './event.ts';

/** Which events a connection wants, and through which filters they must pass. */
export class Subscription {
  readonly #names = new Set<string>();
  readonly #subclasses = new Set<string>();
  readonly #filters: { readonly header: string; readonly value: string }[] = [];

  /** The words after `event json`: names, and after CUSTOM subclasses. `SWITCH_EVENT_X` is another name for X. */
  add(words: readonly string[]): void {
    let custom = false;
    for (const word of words) {
      const name = word.toUpperCase().replace(/^SWITCH_EVENT_/, '');
      if (custom) this.#subclasses.add(word);
      else if (name === 'CUSTOM') custom = true;
      else this.#names.add(name);
    }
  }

  remove(words: readonly string[]): void {
    for (const word of words) {
      this.#names.delete(word.toUpperCase().replace(/^SWITCH_EVENT_/, ''));
      this.#subclasses.delete(word);
    }
  }

  clear(): void {
    this.#names.clear();
    this.#subclasses.clear();
  }

  filter(header: string, value: string): void {
    this.#filters.push({ header, value: value.toLowerCase() });
  }

  /** Without a value, all filters on that header; `all` for every one. */
  unfilter(header: string, value: string | undefined): void {
    const kept = this.#filters.filter(
      (one) =>
        header !== 'all' &&
        (one.header !== header || (value !== undefined && one.value !== value.toLowerCase())),
    );
    this.#filters.splice(0, Infinity, ...kept);
  }

  /** The channels of which alone it lets events pass; undefined where it is not by channels that it filters. */
  get channels(): string[] | undefined {
    const isByChannel =
      this.#filters.length > 0 && this.#filters.every(({ header }) => header === 'Unique-ID');
    return isByChannel ? this.#filters.map(({ value }) => value) : undefined;
  }

  wants({ name, subclass }: Subject): boolean {
    if (this.#names.has('ALL')) return true;
    return subclass === undefined ? this.#names.has(name) : this.#subclasses.has(subclass);
  }

  /** One filter that fits is enough, as in FreeSWITCH. */
  passes({ headers }: MediaEvent): boolean {
    if (this.#filters.length === 0) return true;
    return this.#filters.some(({ header, value }) => headers[header]?.toLowerCase() === value);
  }
}
