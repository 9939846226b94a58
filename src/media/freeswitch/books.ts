/**
 * The channels of all the servers of a switch: two of these may be one FreeSWITCH under two names, as after a reload that
 * writes its address otherwise, and neither may take what the other has for nobody's.
 */
export class Books {
  readonly #channels = new Set<string>();
  /** Endpoints that were asked for, whose channels may be there already. */
  #opening = 0;

  get opening(): number {
    return this.#opening;
  }

  opens(): void {
    this.#opening++;
  }

  opened(): void {
    this.#opening--;
  }

  has(uuid: string): boolean {
    return this.#channels.has(uuid);
  }

  add(uuid: string): void {
    this.#channels.add(uuid);
  }

  remove(uuid: string): void {
    this.#channels.delete(uuid);
  }
}
