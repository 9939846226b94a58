/** Names that stand as keys, and the names that point at them. */
import type { Report } from '../report.ts';
import { offer } from '../values/nearest.ts';
import { at, keysOf, root, select } from '../yaml/tree.ts';
import type { Path, Tree } from '../yaml/tree.ts';
import { buyersOf } from './routes.ts';

const sections = ['carriers', 'pools', 'trunks', 'buyers', 'ivrs', 'campaigns', 'publishers'] as const;
type Section = (typeof sections)[number];

/** Where a name stands that must be a key of a section. */
const references: readonly (readonly [pattern: string, section: Section, noun: string])[] = [
  ['pools.*.carrier', 'carriers', 'carrier'],
  ['buyers.*.trunk', 'trunks', 'trunk'],
  ['campaigns.*.advertiser', 'buyers', 'buyer'],
  ['campaigns.*.pool', 'pools', 'pool'],
  ['campaigns.*.ivr', 'ivrs', 'ivr'],
  ['campaigns.*.routing.routes.*.buyer', 'buyers', 'buyer'],
  ['campaigns.*.routing.routes.*.ring.*', 'buyers', 'buyer'],
  ['publishers.*.payout_caps.*.campaign', 'campaigns', 'campaign'],
  ['numbers.*.campaign', 'campaigns', 'campaign'],
  ['numbers.*.publisher', 'publishers', 'publisher'],
];

export function checkNames(tree: Tree, report: Report): void {
  for (const section of sections) {
    for (const key of keysOf(at(tree, [section]))) checkName([section, key], key, report);
  }
  for (const [pattern, section, noun] of references) {
    for (const place of select(root(tree), pattern)) {
      if (typeof place.tree === 'string') pointAt(tree, section, noun, place.tree, place.path, report);
    }
  }
  for (const { path } of select(root(tree), 'publishers.*.payout.*')) {
    pointAt(tree, 'campaigns', 'campaign', String(path.at(-1)), path, report, 'key');
  }
  checkRoutes(tree, report);
}

/** Names go into metrics, commands (`--live sunrise=5`, `--count sunrise.connected.day=40`) and addresses. */
function checkName(path: Path, name: string, report: Report): void {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/i.test(name)) return;
  report.error(path, `"${name}" cannot be a name`, 'letters, digits, - and _, at most 63', 'key');
}

function pointAt(
  tree: Tree,
  section: Section,
  noun: string,
  name: string,
  path: Path,
  report: Report,
  where: 'key' | 'value' = 'value',
): void {
  if (at(tree, [section, name]) !== undefined) return;
  const names = keysOf(at(tree, [section]));
  report.error(path, `there is no ${noun} "${name}"`, offer(name, names, `add it under ${section}:`), where);
}

/** A buyer has one place among a campaign's routes: two would give it two weights. */
function checkRoutes(tree: Tree, report: Report): void {
  for (const routes of select(root(tree), 'campaigns.*.routing.routes')) {
    const seen = new Set<string>();
    for (const { path, name: buyer } of buyersOf(routes)) {
      if (seen.has(buyer))
        report.error(path, `buyer "${buyer}" has a route already`, 'keep one route for each buyer');
      seen.add(buyer);
    }
  }
}
