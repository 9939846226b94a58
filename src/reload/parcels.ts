/**
 * A config on its way from the thread that loads it to the one that carries calls: in parcels small enough that
 * unpacking one stalls nobody. Numbers, of which there may be a million, travel as the typed arrays of their index.
 */
import type { Config, LoadResult, Problem } from '../config/config.ts';
import { lookBackOf, type LookBack } from '../routing/look-back.ts';
import type { Buyer, Campaign, Network, Numbers, Publisher, Trunk } from '../routing/network.ts';
import { NumberIndex, type NumberIndexParts } from '../routing/number-index.ts';
import { inParts, type TermsInParts, type TermsPart } from '../settlement/terms-parts.ts';

/** What stays of a config once its terms are in the journal: settlement reads them from the records. */
export type Standing = Omit<Config, 'terms'>;

export type Loaded =
  | {
      readonly ok: true;
      readonly config: Standing;
      readonly terms: TermsInParts;
      readonly lookBack: LookBack;
      readonly problems: readonly Problem[];
    }
  | Extract<LoadResult, { ok: false }>;

interface Settings {
  readonly settings: Small;
  readonly minorDigits: number;
  /** Found here: it takes a look at every route. */
  readonly lookBack: LookBack;
  readonly problems: readonly Problem[];
}

type Small = Omit<Standing, 'network'> & Pick<Network, 'country' | 'timezone'>;

export type Parcel =
  | { readonly kind: 'refused'; readonly result: Extract<LoadResult, { ok: false }> }
  | ({ readonly kind: 'settings' } & Settings)
  | { readonly kind: 'trunks'; readonly entries: readonly (readonly [string, Trunk])[] }
  | { readonly kind: 'buyers'; readonly entries: readonly (readonly [string, Buyer])[] }
  | { readonly kind: 'campaigns'; readonly entries: readonly (readonly [string, Campaign])[] }
  | { readonly kind: 'publishers'; readonly entries: readonly (readonly [string, Publisher])[] }
  /** Those of the owners of numbers, in portions. */
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'numbers'; readonly index: NumberIndexParts }
  | { readonly kind: 'terms'; readonly part: TermsPart }
  | { readonly kind: 'end' };

/** A parcel is full with so many routes or plain entries: half a millisecond to unpack. */
const fullParcel = 100;
/** Its hours, caps and conditions make a buyer as heavy as so many routes. */
const buyerWeight = 5;
const namesAParcel = 1_000;

export function* pack(result: LoadResult): Generator<Parcel> {
  if (!result.ok) {
    yield { kind: 'refused', result };
    return;
  }
  const { network, terms, ...rest } = result.config;
  const { country, timezone } = network;
  const { problems } = result;
  yield {
    kind: 'settings',
    settings: { ...rest, country, timezone },
    minorDigits: terms.minorDigits,
    lookBack: lookBackOf(network),
    problems,
  };
  for (const entries of inParcels(network.trunks)) yield { kind: 'trunks', entries };
  for (const entries of inParcels(network.buyers, () => buyerWeight)) yield { kind: 'buyers', entries };
  const routes = ({ routing }: Campaign) => routing.routes.length;
  for (const entries of inParcels(network.campaigns, routes)) {
    yield { kind: 'campaigns', entries: entries.map(([id, campaign]) => [id, sharing(campaign)]) };
  }
  for (const entries of inParcels(network.publishers)) yield { kind: 'publishers', entries };
  yield* packNumbers(indexOf(network.numbers).parts());
  for (const part of inParts(terms).parts) yield { kind: 'terms', part };
  yield { kind: 'end' };
}

/** What a parcel's memory may be handed over with, without a copy. */
export function transferable(parcel: Parcel): ArrayBuffer[] {
  if (parcel.kind !== 'numbers') return [];
  const { owners, digits, ownerAt } = parcel.index;
  return [owners.columns.buffer, digits.buffer, ownerAt.buffer];
}

/** Takes the parcels of one config, in order, until there is a whole one. */
export class Unpacking {
  readonly #trunks = new Map<string, Trunk>();
  readonly #buyers = new Map<string, Buyer>();
  readonly #campaigns = new Map<string, Campaign>();
  readonly #publishers = new Map<string, Publisher>();
  readonly #names: string[] = [];
  readonly #terms: TermsPart[] = [];
  #numbers: Numbers = new Map();
  #settings: Settings | null = null;

  /** Null: more is to come. */
  take(parcel: Parcel): Loaded | null {
    switch (parcel.kind) {
      case 'refused':
        return parcel.result;
      case 'settings':
        this.#settings = parcel;
        return null;
      case 'trunks':
        return addAll(this.#trunks, parcel.entries);
      case 'buyers':
        return addAll(this.#buyers, parcel.entries);
      case 'campaigns':
        return addAll(this.#campaigns, parcel.entries);
      case 'publishers':
        return addAll(this.#publishers, parcel.entries);
      case 'names':
        this.#names.push(...parcel.names);
        return null;
      case 'numbers':
        this.#numbers = NumberIndex.of(withNames(parcel.index, this.#names));
        return null;
      case 'terms':
        this.#terms.push(parcel.part);
        return null;
      case 'end':
        return this.#whole();
    }
  }

  #whole(): Loaded {
    if (this.#settings === null) throw new Error('a config came without its settings');
    const { settings, minorDigits, lookBack, problems } = this.#settings;
    const network: Network = {
      country: settings.country,
      timezone: settings.timezone,
      trunks: this.#trunks,
      buyers: this.#buyers,
      campaigns: this.#campaigns,
      publishers: this.#publishers,
      numbers: this.#numbers,
    };
    const terms = { currency: settings.currency, minorDigits, parts: this.#terms };
    return { ok: true, config: { ...settings, network }, terms, lookBack, problems };
  }
}

/** Of what a parcel holds twice, one comes over: nearly all routes have no caps, of which there would be so many arrays. */
function sharing(campaign: Campaign): Campaign {
  const { routing } = campaign;
  const routes = routing.routes.map((route) =>
    route.caps.length === 0 ? { ...route, caps: noCaps } : route,
  );
  return { ...campaign, routing: { ...routing, routes } };
}

const noCaps: Campaign['caps'] = [];

function* packNumbers(index: NumberIndexParts): Generator<Parcel> {
  const { names } = index.owners;
  for (let at = 0; at < names.length; at += namesAParcel) {
    yield { kind: 'names', names: names.slice(at, at + namesAParcel) };
  }
  yield { kind: 'numbers', index: withNames(index, []) };
}

function withNames(index: NumberIndexParts, names: string[]): NumberIndexParts {
  return { ...index, owners: { ...index.owners, names } };
}

function addAll<T>(to: Map<string, T>, entries: readonly (readonly [string, T])[]): null {
  for (const [id, entry] of entries) to.set(id, entry);
  return null;
}

function* inParcels<T>(
  entries: Iterable<readonly [string, T]>,
  weigh: (entry: T) => number = () => 1,
): Generator<readonly (readonly [string, T])[]> {
  let parcel: (readonly [string, T])[] = [];
  let weight = 0;
  for (const entry of entries) {
    parcel.push(entry);
    weight += weigh(entry[1]);
    if (weight < fullParcel) continue;
    yield parcel;
    parcel = [];
    weight = 0;
  }
  if (parcel.length > 0) yield parcel;
}

function indexOf(numbers: Numbers): NumberIndex {
  if (numbers instanceof NumberIndex) return numbers;
  const index = new NumberIndex(numbers.size);
  for (const [number, owner] of numbers) index.set(number, owner);
  return index;
}
