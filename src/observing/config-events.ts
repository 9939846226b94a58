/** Of the config, and of the numbers that it and the records give out. */
import type { Registry } from 'prom-client';
import type { Log } from '../log.ts';
import { metricsIn } from './metrics.ts';
import { holderInWords, type NumberClash } from '../publishers/clashes.ts';
import type { ReloadCause, Reloaded } from '../reload/reload.ts';

/** How many numbers a pool could give out, and whether that is few. */
interface PoolStock {
  readonly pool: string;
  readonly free: number;
  readonly isLow: boolean;
}

export interface ConfigEvents {
  /** The table of this hash routes calls from now on. */
  configStands(table: string): void;
  configReloaded(cause: ReloadCause, result: Reloaded): void;
  /** A publisher holds a number for a campaign that the config that stands has not: told once for each config. */
  heldForUnknownCampaign(campaign: string, publisher: string): void;
  /** All numbers that the config that stands gives to one while another holds them; each is told once. */
  numbersClash(clashes: readonly NumberClash[]): void;
  /** Of all pools; null: it cannot be known now. A pool that runs low is logged once, until it has enough again. */
  poolStock(stock: readonly PoolStock[] | null): void;
}

export function configEvents(log: Log, registry: Registry): ConfigEvents {
  const { counter, gauge } = metricsIn(registry);
  const configInfo = gauge('config_info', '1 for the table that routes calls now', ['hash']);
  const reloads = counter('config_reloads_total', 'Looks at a changed config, by what came of them', [
    'result',
  ]);
  const strayCampaigns = new Set<string>();
  const numberClashes = gauge(
    'number_clashes',
    'Numbers that the config gives to one while another holds them: must read 0',
  );
  const clashesTold = new Set<string>();
  const freeNumbers = gauge('numbers_free', 'Numbers that a pool could give out now', ['pool']);
  const poolLow = gauge('pool_low', '1 where fewer numbers are free than the pool says in low', ['pool']);
  const lowPools = new Set<string>();

  return {
    configStands(table) {
      strayCampaigns.clear();
      configInfo.reset();
      configInfo.set({ hash: table }, 1);
    },
    configReloaded(cause, result) {
      const { config, problems } = result;
      reloads.inc({ result: !result.ok ? 'refused' : result.changed ? 'changed' : 'unchanged' });
      if (!result.ok) {
        const errors = problems.filter(({ severity }) => severity === 'error');
        log('warn', 'config_refused', {
          cause,
          config,
          errors: errors.length,
          problems: errors.slice(0, 20),
        });
        return;
      }
      const { table, changed, settings, restart } = result;
      log('info', 'config_reloaded', { cause, config, table, changed, settings });
      if (restart.length > 0) log('warn', 'config_needs_restart', { config, entries: restart });
    },
    heldForUnknownCampaign(campaign, publisher) {
      if (strayCampaigns.has(campaign)) return;
      strayCampaigns.add(campaign);
      log('warn', 'held_for_unknown_campaign', { campaign, publisher });
    },
    numbersClash(clashes) {
      numberClashes.set({}, clashes.length);
      const before = new Set(clashesTold);
      clashesTold.clear();
      for (const { number, given, held } of clashes) {
        const told = `${number} ${held.application}`;
        clashesTold.add(told);
        if (before.has(told)) continue;
        const { application } = held;
        log('warn', 'number_clash', {
          number,
          given: holderInWords(given),
          held: holderInWords(held),
          application,
        });
      }
    },
    poolStock(stock) {
      freeNumbers.reset();
      poolLow.reset();
      for (const { pool, free, isLow } of stock ?? []) {
        freeNumbers.set({ pool }, free);
        poolLow.set({ pool }, isLow ? 1 : 0);
        if (isLow && !lowPools.has(pool)) log('warn', 'pool_low', { pool, free });
        if (isLow) lowPools.add(pool);
        else lowPools.delete(pool);
      }
    },
  };
}
