/** What the commands about publishers and numbers share. A switch that runs on the records hears of what they change. */
import { Option, type Command } from 'commander';
import { parseInteger } from '../config/values/scalars.ts';
import type { NumberChoice } from '../publishers/choice.ts';
import type { Publishers } from '../publishers/publishers.ts';
import type { Who } from '../publishers/publishing.ts';
import { argument, loadedConfig, type ConfigOptions } from './context.ts';
import { withRecords } from './with-records.ts';

/** Null where there are no records, which is told then. */
export async function publishing<T>(
  options: ConfigOptions,
  ask: (publishers: Publishers, country: string) => Promise<T>,
): Promise<T | null> {
  const config = await loadedConfig(options);
  if (!config) return null;
  const [{ publishers }, { databaseClock }] = await Promise.all([
    import('../publishers/publishers.ts'),
    import('../publishers/clock.ts'),
  ]);
  return withRecords(config, (db) =>
    ask(publishers({ db, given: () => config, now: () => new Date(), clock: databaseClock }), config.country),
  );
}

export const network = ({ by }: { readonly by: string }): Who => ({ name: by, publisher: null });

export const limited = (command: Command): Command =>
  command.option('--limit <number>', 'at most so many', argument(parseInteger(1, 1_000_000)), 1000);

export interface ChoiceOptions {
  readonly tollFree?: boolean;
  readonly areaCode?: string;
  readonly state?: string;
}

export const choosing = (command: Command): Command =>
  command
    .addOption(new Option('--toll-free', 'a toll-free number').conflicts(['areaCode', 'state']))
    .addOption(new Option('--area-code <code>', 'a number with it: 214').conflicts(['tollFree', 'state']))
    .addOption(
      new Option('--state <state>', 'a number of a state or province: TX').conflicts([
        'tollFree',
        'areaCode',
      ]),
    );

export function choiceOf({ tollFree, areaCode, state }: ChoiceOptions): NumberChoice {
  if (tollFree === true) return { kind: 'toll_free' };
  if (areaCode !== undefined) return { kind: 'area_code', areaCode };
  return state === undefined ? { kind: 'any' } : { kind: 'state', state };
}
