/** Conditions may ask only for attributes that a call can have. */
import { durations } from '../../conditions/condition.ts';
import { callAttributes } from '../../routing/attributes.ts';
import { isReportName, reportedName } from '../../settlement/reported.ts';
import type { Report } from '../report.ts';
import { offer } from '../values/nearest.ts';
import { at, children, keysOf, root, select, textAt } from '../yaml/tree.ts';
import type { Place, Tree } from '../yaml/tree.ts';
import { buyersOf } from './routes.ts';

export function checkAttributes(tree: Tree, report: Report): void {
  const routed = campaignsByBuyer(tree);
  for (const buyer of select(root(tree), 'buyers.*')) {
    // A buyer without routes may be meant for any campaign.
    const campaigns = routed.get(String(buyer.path[1])) ?? keysOf(at(tree, ['campaigns']));
    const menu = [...new Set(campaigns.flatMap((campaign) => menuOf(tree, campaign)))];
    for (const accepts of select(buyer, 'accepts'))
      checkMap(accepts, [...callAttributes, ...menu], menu, report);
    for (const when of select(buyer, 'revenue.*.when')) {
      checkMap(when, [...durations, ...callAttributes, ...menu], menu, report);
    }
  }
  for (const payout of [
    ...select(root(tree), 'campaigns.*.payout'),
    ...select(root(tree), 'publishers.*.payout.*'),
  ]) {
    const campaign = payout.path[0] === 'campaigns' ? payout.path[1] : payout.path.at(-1);
    const menu = menuOf(tree, String(campaign));
    for (const when of select(payout, '*.when'))
      checkMap(when, [...durations, ...callAttributes, ...menu], menu, report);
  }
}

function campaignsByBuyer(tree: Tree): ReadonlyMap<string, string[]> {
  const campaigns = new Map<string, string[]>();
  for (const routes of select(root(tree), 'campaigns.*.routing.routes')) {
    for (const { name } of buyersOf(routes)) {
      const known = campaigns.get(name);
      if (known === undefined) campaigns.set(name, [String(routes.path[1])]);
      else known.push(String(routes.path[1]));
    }
  }
  return campaigns;
}

/** `not`, `any` and `all` stand beside attributes, and hold maps of them. */
function checkMap(place: Place, known: readonly string[], menu: readonly string[], report: Report): void {
  for (const inner of children(place)) {
    const attribute = String(inner.path.at(-1));
    if (attribute === 'not' || attribute === 'any' || attribute === 'all') {
      if (Array.isArray(inner.tree)) children(inner).forEach((map) => checkMap(map, known, menu, report));
      else checkMap(inner, known, menu, report);
    } else if (!isKnown(attribute, known)) {
      report.error(inner.path, ...unknown(attribute, known, menu), 'key');
    }
  }
}

/** What a buyer reports is known where clocks are: once the call is over. */
function isKnown(attribute: string, known: readonly string[]): boolean {
  const report = reportedName(attribute);
  if (report !== null) return isReportName(report) && known.includes('connected');
  return attribute.startsWith('tag.') || known.includes(attribute);
}

function unknown(
  attribute: string,
  known: readonly string[],
  menu: readonly string[],
): [message: string, hint: string] {
  if (attribute.startsWith('ivr.')) {
    return [
      `no menu on the way here sets "${attribute}"`,
      offer(attribute, menu, 'the campaign has no ivr that sets attributes'),
    ];
  }
  const report = reportedName(attribute);
  if (report !== null && !isReportName(report)) {
    return [`"${attribute}" is nothing that can be reported`, 'letters, digits and _: reported.sale'];
  }
  if (durations.has(attribute) || report !== null) {
    return [`"${attribute}" is not known before the call`, 'it can stand in "when", not in "accepts"'];
  }
  return [`there is no attribute "${attribute}"`, offer(attribute, known, '')];
}

/** The attributes that a campaign's menu can set. */
function menuOf(tree: Tree, campaign: string): string[] {
  const ivr = textAt(tree, ['campaigns', campaign, 'ivr']);
  if (ivr === undefined) return [];
  const steps = { path: [], tree: at(tree, ['ivrs', ivr, 'steps']) ?? null };
  const gathered = select(steps, '*.gather.into').flatMap(({ tree: name }) =>
    typeof name === 'string' ? [name] : [],
  );
  const set = ['*.menu.choices.*.set', '*.go.set', '*.otherwise.set']
    .flatMap((pattern) => select(steps, pattern))
    .flatMap(({ tree: names }) => keysOf(names));
  return [...new Set([...gathered, ...set])].map((name) => `ivr.${name}`);
}
