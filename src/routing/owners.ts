/**
 * Whom tracking numbers belong to: tens of thousands of owners in a column of numbers and a list of names, so that
 * they go from thread to thread without being copied one by one, and the garbage collector has nothing to walk.
 */
import type { TrackingNumber } from './network.ts';

export type Owner = Readonly<Omit<TrackingNumber, 'number'>>;

/** What they are made of. */
export interface OwnersParts {
  /** Of campaigns, publishers and sources, each once; the first stands for no source. */
  readonly names: string[];
  /** Of each owner the places of its campaign's, its publisher's and its source's name. */
  readonly columns: Uint32Array<ArrayBuffer>;
}

export class Owners {
  #names: string[] = ['no source'];
  #columns: Uint32Array<ArrayBuffer> = new Uint32Array(48);
  #count = 0;
  /** Null until one is added: those that are only read have no need of it. */
  #register: Register | null = null;

  /** Those whose `parts` these are; takes them over, however many, at once. */
  static of({ names, columns }: OwnersParts): Owners {
    const owners = new Owners();
    owners.#names = names;
    owners.#columns = columns;
    owners.#count = columns.length / 3;
    return owners;
  }

  parts(): OwnersParts {
    return { names: this.#names, columns: this.#columns.slice(0, this.#count * 3) };
  }

  get count(): number {
    return this.#count;
  }

  at(id: number): Owner | null {
    if (id < 0 || id >= this.#count) return null;
    const name = (column: number): string => this.#names[this.#placeAt(id, column)] ?? '';
    return { campaign: name(0), publisher: name(1), source: this.#placeAt(id, 2) === 0 ? null : name(2) };
  }

  /** The same owner has one id, however often it is added. */
  add(owner: Owner): number {
    this.#register ??= this.#registered();
    const { nameAt, ids } = this.#register;
    const campaign = this.#nameOf(owner.campaign, nameAt);
    const publisher = this.#nameOf(owner.publisher, nameAt);
    const source = owner.source === null ? 0 : this.#nameOf(owner.source, nameAt);
    const bySource = within(ids, campaign * most + publisher);
    const present = bySource.get(source);
    if (present !== undefined) return present;
    if (this.#columns.length < (this.#count + 1) * 3) this.#grow();
    this.#columns.set([campaign, publisher, source], this.#count * 3);
    bySource.set(source, this.#count);
    return this.#count++;
  }

  #placeAt(id: number, column: number): number {
    return this.#columns[id * 3 + column] ?? 0;
  }

  #nameOf(name: string, nameAt: Map<string, number>): number {
    const present = nameAt.get(name);
    if (present !== undefined) return present;
    const place = this.#names.push(name) - 1;
    nameAt.set(name, place);
    return place;
  }

  #registered(): Register {
    const nameAt = new Map(this.#names.slice(1).map((name, place) => [name, place + 1]));
    const ids: Register['ids'] = new Map();
    for (let id = 0; id < this.#count; id++) {
      within(ids, this.#placeAt(id, 0) * most + this.#placeAt(id, 1)).set(this.#placeAt(id, 2), id);
    }
    return { nameAt, ids };
  }

  #grow(): void {
    const columns = this.#columns;
    this.#columns = new Uint32Array(columns.length * 2);
    this.#columns.set(columns);
  }
}

interface Register {
  readonly nameAt: Map<string, number>;
  /** Campaign and publisher → source → id, all by the places of their names. */
  readonly ids: Map<number, Map<number, number>>;
}

/** More names than there can be: two places fit into the integers of a double. */
const most = 2 ** 26;

function within(outer: Map<number, Map<number, number>>, key: number): Map<number, number> {
  const present = outer.get(key);
  if (present !== undefined) return present;
  const fresh = new Map<number, number>();
  outer.set(key, fresh);
  return fresh;
}
