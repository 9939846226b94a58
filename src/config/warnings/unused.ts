/** What nothing points at, and keys that do nothing where they stand. */
import { at, children, keysOf } from '../yaml/tree.ts';
import type { Judged } from './judged.ts';

export function unused(judged: Judged): void {
  const { config, tree, report, calls } = judged;
  const { buyers, trunks, campaigns } = config.network;
  const all = [...campaigns.values()];
  const routed = new Set(all.flatMap(({ routing }) => routing.routes.map(({ buyer }) => buyer)));
  const dialled = new Set([...buyers.values()].map(({ trunk }) => trunk));
  const played = new Set(all.map(({ ivr }) => ivr?.id));
  const tell = (section: string, id: string, message: string, hint: string): void => {
    report.warning([section, id], message, hint, 'key');
  };
  for (const id of buyers.keys()) {
    if (!routed.has(id)) tell('buyers', id, 'no campaign routes to this buyer', 'add a route to it');
  }
  for (const id of trunks.keys()) {
    if (!dialled.has(id)) tell('trunks', id, 'no buyer is on this trunk', 'name it at a buyer');
  }
  for (const id of keysOf(at(tree, ['ivrs']))) {
    if (!played.has(id)) tell('ivrs', id, 'no campaign plays this menu', 'name it at a campaign');
  }
  for (const { id, campaigns: drawing } of config.pools.values()) {
    if (drawing.length === 0)
      tell('pools', id, 'no campaign gives out these numbers', 'name it at a campaign');
  }
  for (const id of campaigns.keys()) {
    if (calls.get(id)?.reachable !== true)
      tell('campaigns', id, 'no number leads to this campaign', 'add one under numbers:, or give it a pool');
  }
  withoutNumbers(judged);
  withoutEffect(judged);
}

/** Where there is no pool, no number can come to a publisher while the switch runs. */
function withoutNumbers({ config, tree, report }: Judged): void {
  if (config.pools.size > 0) return;
  const owners = new Set(
    children({ path: [], tree: tree.numbers ?? null }).map(({ tree: one }) => at(one, ['publisher'])),
  );
  for (const id of config.network.publishers.keys()) {
    if (owners.has(id)) continue;
    report.warning(['publishers', id], 'this publisher has no number', 'add one under numbers:', 'key');
  }
}

function withoutEffect({ config, tree, report }: Judged): void {
  for (const { id, routing } of config.network.campaigns.values()) {
    const path = ['campaigns', id, 'routing'];
    const written = at(tree, path) ?? null;
    if (routing.strategy !== 'best_performing' && at(written, ['performance']) !== undefined) {
      const message = `is not used by the strategy ${routing.strategy}`;
      report.warning([...path, 'performance'], message, 'strategy: best_performing looks back', 'key');
    }
    if (routing.strategy === 'round_robin' || routing.strategy === 'highest_revenue') {
      const routes = children({ path: [...path, 'routes'], tree: at(written, ['routes']) ?? null });
      const weighted = routes.find((route) => at(route.tree, ['weight']) !== undefined);
      if (weighted === undefined) continue;
      const message = `weights are not used by the strategy ${routing.strategy}`;
      report.warning([...weighted.path, 'weight'], message, 'strategy: priority draws by weight', 'key');
    }
  }
  for (const { id, bid } of config.network.buyers.values()) {
    if (bid === null || (config.terms.buyers.get(id)?.revenue.length ?? 0) > 0) continue;
    const message =
      'no bid is ever paid: a bid stands in place of the amount of a revenue rule, and there is none';
    report.warning(
      ['buyers', id, 'bid'],
      message,
      'revenue: [ { pays: 1.00, when: { connected: ">= 60s" } } ]',
      'key',
    );
  }
}
