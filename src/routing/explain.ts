/** Why a buyer was left out: the rule, what was seen and what the limit is. */
import { evaluateAll } from '../conditions/evaluate.ts';
import type { CompiledRoute } from './table.ts';
import { hoursInWords } from './hours.ts';
import type { Buyer } from './network.ts';
import type { CallToRoute, LeftOut, Rule, World } from './plan.ts';
import { lastSeenBy, type Repeat } from './repeat-caller.ts';
import { reachedCap } from './rules.ts';

type Reason = Pick<LeftOut, 'about' | 'seen' | 'limit'>;

export function explain(
  rule: Rule,
  route: CompiledRoute,
  call: CallToRoute,
  world: World,
  repeat: Repeat | null,
): LeftOut {
  return { buyer: route.attempt.buyer.id, rule, ...reasonOf(rule, route, call, world, repeat) };
}

function reasonOf(
  rule: Rule,
  { attempt: { buyer, trunk } }: CompiledRoute,
  call: CallToRoute,
  world: World,
  repeat: Repeat | null,
): Reason {
  switch (rule) {
    case 'paused':
      return { seen: true, limit: false };
    case 'trunk_down':
      return { about: trunk.id, seen: 'down', limit: 'up' };
    case 'accepts': {
      const refusal = evaluateAll(buyer.accepts, call.attributes);
      if (refusal === true) return unknown;
      return { about: refusal.attribute, seen: refusal.seen, limit: refusal.limit };
    }
    case 'hours': {
      const { now, ranges } = hoursInWords(buyer.hours, buyer.timezone, world.now);
      return { about: buyer.timezone, seen: now, limit: ranges };
    }
    case 'cap': {
      const cap = reachedCap(buyer, world);
      if (cap === null) return unknown;
      const seen = world.counted(buyer.id, cap.count, cap.per);
      return { about: `${cap.count}.${cap.per}`, seen, limit: cap.limit };
    }
    case 'concurrency':
      return { seen: world.liveCalls(buyer.id), limit: buyer.concurrency };
    case 'spacing': {
      const last = world.lastOffered(buyer.id);
      return { seen: last === null ? null : world.now - last, limit: buyer.spacing };
    }
    case 'repeat_caller':
      return repeat === null ? unknown : repeatReason(repeat, buyer, world);
  }
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
