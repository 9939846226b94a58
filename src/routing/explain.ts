/** Why a buyer was left out: the rule, what was seen and what the limit is. */
import { evaluateAll } from '../conditions/evaluate.ts';
import type { CompiledRoute } from './compiled.ts';
import { fullCap, isBusy, type Common } from './limits.ts';
import type { Buyer } from './network.ts';
import type { LeftOut, Rule, World } from './plan.ts';
import { lastSeenBy, type Repeat } from './repeat-caller.ts';
import { isTooSoon, type Asked } from './rules.ts';

type Reason = Pick<LeftOut, 'about' | 'seen' | 'limit'>;

export function explain(rule: Rule, route: CompiledRoute, asked: Asked): LeftOut {
  return { buyer: route.attempt.buyer.id, rule, ...reasonOf(rule, route, asked) };
}

function reasonOf(rule: Rule, route: CompiledRoute, asked: Asked): Reason {
  const { call, world, common, repeat } = asked;
  const { buyer, trunk } = route.attempt;
  switch (rule) {
    case 'paused':
      return { seen: true, limit: false };
    case 'trunk_down':
      return { about: trunk.id, seen: trunkInWords(asked.trunks.rests(trunk.id)), limit: 'up' };
    case 'accepts': {
      const refusal = evaluateAll(buyer.accepts, call.attributes);
      if (refusal === true) return unknown;
      return { about: refusal.attribute, seen: refusal.seen, limit: refusal.limit };
    }
    case 'hours': {
      const { now, ranges } = route.buyer.opening.inWords(world.now);
      return { about: buyer.timezone, seen: now, limit: ranges };
    }
    case 'cap':
      return capReason(route, common, world);
    case 'concurrency':
      return concurrencyReason(route, common, world);
    case 'spacing': {
      if (!isTooSoon(route.buyer, world)) {
        const { subject } = route.buyer.trunk.limits;
        return { about: subject, seen: world.startedThisSecond(trunk.id), limit: trunk.cps };
      }
      const last = route.buyer.limits.usageIn(world).lastOffered();
      return { seen: last === null ? null : world.now - last, limit: buyer.spacing };
    }
    case 'repeat_caller':
      return repeat === null ? unknown : repeatReason(repeat, buyer, world);
    case 'bid': {
      const bid = world.bid(buyer.id);
      const isTold = typeof bid === 'string' || Number.isFinite(bid);
      return { seen: isTold ? bid : null, limit: buyer.bid?.min ?? null };
    }
  }
}

const trunkInWords = (rests: string | null): string => (rests === null ? 'down' : `rests: ${rests}`);

/** The buyer's own limit needs no name: `connected.day`; another's has one: `campaign:solar connected.day`. */
function capReason({ buyer, limits }: CompiledRoute, { capped }: Common, world: World): Reason {
  for (const limited of [buyer.limits, limits, capped]) {
    const cap = fullCap(limited, world);
    if (limited === null || cap === null) continue;
    const counter = `${cap.count}.${cap.per}`;
    const about = limited === buyer.limits ? counter : `${limited.subject} ${counter}`;
    const seen = limited.usageIn(world).counted(cap.count, cap.per, world.now, world.asking);
    return { about, seen, limit: cap.limit };
  }
  return unknown;
}

function concurrencyReason({ buyer, limits }: CompiledRoute, { busy }: Common, world: World): Reason {
  const limited = [buyer.limits, buyer.trunk.limits, limits, busy].find((one) => isBusy(one, world)) ?? null;
  if (limited === null) return unknown;
  const figures = { seen: limited.usageIn(world).live(world.asking), limit: limited.concurrency };
  return limited === buyer.limits ? figures : { about: limited.subject, ...figures };
}

/** How long ago the caller was seen, against the window; for `same_buyer`, by whom. */
function repeatReason(repeat: Repeat, buyer: Buyer, world: World): Reason {
  const about = repeat.treat;
  const limit = repeat.rule.within;
  if (about === 'same_buyer') return { about, seen: repeat.last.buyer, limit };
  const at = about === 'reject' ? repeat.last.at : lastSeenBy(repeat, buyer, world);
  return { about, seen: at === null ? null : world.now - at, limit };
}

/** A world that answers differently when asked again: the rule stands, its figures cannot be told. */
const unknown: Reason = { seen: null, limit: null };
