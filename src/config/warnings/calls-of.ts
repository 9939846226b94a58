/** What is certain of a campaign's calls: whom it blocks, which numbers lead to it, what its menu can set. */
import type { AttributeValue } from '../../conditions/condition.ts';
import type { Campaign, Ivr, IvrMove } from '../../routing/network.ts';
import type { Config } from '../config.ts';
import type { Domain, Domains } from '../conditions/domains.ts';
import { anyCall, narrowed } from '../conditions/domains.ts';
import { keysOf, textAt } from '../yaml/tree.ts';
import type { Branch } from '../yaml/tree.ts';

interface CallsOfCampaign {
  readonly domains: Domains;
  /** The attributes of which more is certain than of any call. */
  readonly narrow: ReadonlySet<string>;
  /** Whether any number leads here, or could be given out by its pool. */
  readonly reachable: boolean;
}

export function callsOf(config: Config, tree: Branch): ReadonlyMap<string, CallsOfCampaign> {
  const owners = ownersByCampaign(tree);
  const pooled = new Set([...config.pools.values()].flatMap(({ campaigns }) => campaigns));
  return new Map(
    [...config.network.campaigns.values()].map((campaign) => {
      const { id } = campaign;
      const owned = owners.get(id);
      const better = new Map<string, Domain>([
        ['call.campaign', { values: [id] }],
        ...blockedBy(campaign),
        ...(campaign.ivr === null ? [] : setBy(campaign.ivr)),
        // The pool's numbers go to publishers and sources that no file knows.
        ...(pooled.has(id) ? [] : owned === undefined ? [] : ownedBy(owned)),
      ]);
      const reachable = pooled.has(id) || owned !== undefined;
      return [id, { domains: narrowed(anyCall, better), narrow: new Set(better.keys()), reachable }];
    }),
  );
}

/** What stands at the numbers that lead to a campaign. */
class Owned {
  readonly publishers = new Set<string>();
  readonly sources = new Set<string>();
  /** Of ranges, of numbers by the hundred, or as they are dialled at home, no list is made: null. */
  numbers: string[] | null = [];

  add(written: string, publisher: string | undefined, source: string | undefined): void {
    this.publishers.add(publisher ?? '');
    if (source !== undefined) this.sources.add(source);
    if (this.numbers !== null && this.numbers.length < mostNumbers && /^\+\d+$/.test(written)) {
      this.numbers.push(written);
    } else this.numbers = null;
  }
}

const mostNumbers = 200;

function ownersByCampaign(tree: Branch): ReadonlyMap<string, Owned> {
  const owners = new Map<string, Owned>();
  for (const written of keysOf(tree.numbers)) {
    const said = (key: string): string | undefined => textAt(tree, ['numbers', written, key]);
    const campaign = said('campaign') ?? '';
    const owned = owners.get(campaign) ?? new Owned();
    owned.add(written, said('publisher'), said('source'));
    owners.set(campaign, owned);
  }
  return owners;
}

const ownedBy = ({ numbers, publishers, sources }: Owned): [string, Domain][] => [
  ['call.publisher', { values: [...publishers] }],
  ['call.source', { values: [...sources] }],
  ...(numbers === null ? [] : [['call.number', { values: numbers }] satisfies [string, Domain]]),
];

const blockedBy = ({ block: { anonymous, callers } }: Campaign): [string, Domain][] => [
  ...(anonymous ? [['caller.anonymous', { values: [false] }] satisfies [string, Domain]] : []),
  ...(callers.size > 0
    ? [['caller.number', { fits: (value) => !callers.has(String(value)) }] satisfies [string, Domain]]
    : []),
];

/** What the steps of a menu set, and how many digits they gather. */
function setBy({ steps }: Ivr): [string, Domain][] {
  const set = new Map<string, Set<AttributeValue>>();
  const gathered = new Map<string, number[]>();
  const add = ({ set: values }: IvrMove): void => {
    for (const [name, value] of Object.entries(values)) {
      set.set(name, (set.get(name) ?? new Set<AttributeValue>()).add(value));
    }
  };
  for (const step of steps.values()) {
    if (step.kind === 'gather') gathered.set(step.into, [...(gathered.get(step.into) ?? []), step.digits]);
    if (step.kind === 'menu') for (const move of step.choices.values()) add(move);
    else add(step.next);
    if (step.kind !== 'play') add(step.otherwise);
  }
  return [...new Set([...set.keys(), ...gathered.keys()])].map((name): [string, Domain] => {
    const values = [...(set.get(name) ?? [])];
    const digits = gathered.get(name);
    if (digits === undefined) return [`ivr.${name}`, { values }];
    const isPressed = (text: string): boolean => /^[\d*#]+$/.test(text) && digits.includes(text.length);
    const fits = (value: AttributeValue): boolean => values.includes(value) || isPressed(String(value));
    return [`ivr.${name}`, { fits, samples: [...values, ...digits.flatMap(samplesOf)] }];
  });
}

const samplesOf = (count: number): string[] => ['0', '9', '*'].map((key) => key.repeat(count));
