/** Rules of pay that no call can meet, or that an earlier rule always comes before. */
import type { Condition } from '../../conditions/condition.ts';
import { asksFor } from '../../settlement/amount-of.ts';
import type { PayRule } from '../../settlement/terms.ts';
import { follows } from '../conditions/can-hold.ts';
import { anyCall } from '../conditions/domains.ts';
import type { Domains } from '../conditions/domains.ts';
import type { Path } from '../yaml/tree.ts';
import { contradictionIn } from './condition-places.ts';
import type { Judged } from './judged.ts';

export function unreachedRules(judged: Judged): void {
  const { config, calls } = judged;
  for (const { buyer, revenue } of config.terms.buyers.values()) {
    const accepts = config.network.buyers.get(buyer)?.accepts ?? [];
    tellRules({ path: ['buyers', buyer, 'revenue'], rules: revenue, accepts, domains: anyCall }, judged);
  }
  for (const [key, { campaign, payout }] of config.terms.campaigns) {
    const domains = calls.get(campaign)?.domains ?? anyCall;
    tellRules({ path: payoutPath(key), rules: payout, accepts: [], domains }, judged);
  }
}

/** Where the rules of a key of `terms.campaigns` stand. */
export function payoutPath(key: string): Path {
  const [campaign = '', publisher] = key.split('/');
  return publisher === undefined
    ? ['campaigns', campaign, 'payout']
    : ['publishers', publisher, 'payout', campaign];
}

interface Rules {
  readonly path: Path;
  readonly rules: readonly PayRule[];
  /** What holds of every call that comes to be paid by them. */
  readonly accepts: readonly Condition[];
  readonly domains: Domains;
}

function tellRules({ path, rules, accepts, domains }: Rules, { report, tree }: Judged): void {
  rules.forEach(({ pays, when }, index) => {
    const map = { path: [...path, index, 'when'], conditions: when };
    const against = contradictionIn(map, domains, tree) ?? contradictionIn(map, domains, tree, accepts);
    if (against !== null) {
      report.warning(against.path, `no call meets this: ${against.words}`, against.hint, 'key');
      return;
    }
    const given = [...accepts, ...when, ...asksFor(pays)];
    // One that pays what is reported may lack the amount.
    const holds = (rule: PayRule): boolean =>
      rule.pays.kind !== 'reported' && follows(given, [...rule.when, ...asksFor(rule.pays)], domains);
    const earlier = rules.slice(0, index).findIndex(holds);
    if (earlier < 0) return;
    const message = `never pays: rule ${earlier + 1} holds wherever this one does, and stands before it`;
    report.warning([...path, index, 'pays'], message, 'move it up, or narrow the other');
  });
}
