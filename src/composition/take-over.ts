/** How a reloaded config becomes the one that stands, in a switch that carries calls. */
import type { Carriers } from '../calls/carriers.ts';
import type { Trunks } from '../calls/trunks/trunks.ts';
import type { Webhook } from '../config/config.ts';
import type { Counters } from './counters.ts';
import type { CurrentConfig } from './current-config.ts';
import { within } from '../deadline.ts';
import type { Engines } from '../engines.ts';
import type { Events } from '../events.ts';
import type { Tables } from '../records/tables.ts';
import type { ReloadOptions } from '../reload/reload.ts';
import { messageOf } from '../message-of.ts';

/** How long the disk may take over the terms of a table before the reload is given up. */
const journalledWithin = 10_000;
/** How long the records may take to tell what lies further back than was asked for before. */
const rememberedWithin = 30_000;

interface Switched {
  readonly current: CurrentConfig;
  readonly carriers: Carriers;
  readonly trunks: Trunks;
  readonly counters: Counters;
  readonly tables: Tables;
  readonly events: Events;
  readonly engines: Pick<Engines, 'use'>;
  /** Who is told of calls from now on. */
  readonly tell: (webhooks: readonly Webhook[]) => void;
}

/**
 * What may fail comes first: the counters reach as far back as the new limits ask, the terms are on the disk before a
 * call is routed by them. The rest is one tick.
 */
export function takeOver({ current, carriers, trunks, counters, tables, events, engines, tell }: Switched) {
  const install: ReloadOptions['install'] = async ({ config, routing, terms, lookBack }) => {
    const remembered = counters
      .reachBack(lookBack, Date.now())
      .then(() => counters.prepareClocks(config, Date.now()))
      .catch(messageOf);
    const changeClocks = await within(rememberedWithin, remembered, 'no answer');
    if (typeof changeClocks === 'string')
      return `the records cannot be asked for the past that its limits need: ${changeClocks}`;
    if (config.hash !== current.table.hash) {
      const durable = tables.write(config.hash, terms, Date.now()).then(() => true);
      if (!(await within(journalledWithin, durable, false))) return 'the journal cannot be written';
    }
    current.replace(config, { hash: config.hash, routing });
    changeClocks();
    carriers.replace(config.carriers);
    trunks.watch(config.network.trunks.values());
    events.trunksStand(trunks.standing());
    events.configStands(config.hash);
    engines.use(config.engine);
    tell(config.webhooks);
    return null;
  };
  return install;
}
