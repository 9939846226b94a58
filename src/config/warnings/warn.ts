/** What loads, yet is hardly meant. Only what is certain is told, so that a warning is always worth reading. */
import type { Config } from '../config.ts';
import type { Report } from '../report.ts';
import { at } from '../yaml/tree.ts';
import type { Branch } from '../yaml/tree.ts';
import { callsOf } from './calls-of.ts';
import { forgetsTooSoon } from './forgets-too-soon.ts';
import { leadsHere } from './leads-here.ts';
import { inNoPool } from './in-no-pool.ts';
import type { Judged } from './judged.ts';
import { neverTakes } from './never-takes.ts';
import { paysTooMuch } from './pays-too-much.ts';
import { unreachedRoutes } from './unreached-routes.ts';
import { unreachedRules } from './unreached-rules.ts';
import { unused } from './unused.ts';
import { unknownValues } from './unknown-values.ts';

export function warn(config: Config, tree: Branch, report: Report): void {
  const judged: Judged = { config, tree, report, calls: callsOf(config, tree) };
  unknownValues(judged);
  const idle = neverTakes(judged);
  unreachedRoutes(judged, idle);
  unreachedRules(judged);
  paysTooMuch(judged);
  unused(judged);
  ringsPastGivingUp(judged);
  listensNowhere(judged);
  leadsHere(judged);
  inNoPool(judged);
  openToStrangers(judged);
  forgetsTooSoon(judged);
}

function ringsPastGivingUp({ config, report }: Judged): void {
  for (const { id, routing } of config.network.campaigns.values()) {
    if (routing.ring <= routing.giveUp) continue;
    const path = ['campaigns', id, 'routing', 'ring'];
    const hint = 'make ring shorter, or give_up longer';
    report.warning(path, 'is longer than give_up: no buyer rings as long', hint);
  }
}

function listensNowhere({ config, tree, report }: Judged): void {
  if (config.engine.sip.kind !== 'drachtio' || at(tree, ['engine', 'listen']) === undefined) return;
  const message = 'is not used: drachtio listens where its own config says';
  report.warning(['engine', 'listen'], message, 'take it away', 'key');
}

function openToStrangers({ config, report }: Judged): void {
  const { host, token } = config.http;
  if (token !== null || /^(localhost|127\..*|::1)$/i.test(host)) return;
  const message = `${host} can be reached from other machines, and there is no token: whoever does sees the live calls`;
  report.warning(['http', 'listen'], message, 'set http.token, or listen on 127.0.0.1');
}
