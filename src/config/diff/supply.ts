/** Where calls come from and go to: carriers, pools, trunks, menus. */
import { isDeepStrictEqual } from 'node:util';
import type { Ivr, Trunk } from '../../routing/network.ts';
import type { Carrier, Config, Pool } from '../config.ts';
import { all, changesOf, instead, where } from './change.ts';
import type { Change, Teller } from './change.ts';
import { answers, aSecond, atOnce, counted, listed, orNone, percent, span } from './words.ts';

export function supplyChanges(before: Config, after: Config): Change[] {
  return [
    ...changesOf({
      about: 'carrier',
      before: byId(before.carriers),
      after: byId(after.carriers),
      called: (_, id) => id,
      tell: all<Carrier>(
        instead(
          ({ from }) => from,
          'calls from',
          (from) => listed(from),
        ),
        instead(({ concurrency }) => concurrency, 'may have', atOnce),
        instead(({ cps }) => cps, 'may send', aSecond),
        instead(({ refuseWith }) => refuseWith, 'is turned away with', String),
      ),
      introduce: ({ from }) => `calls from ${listed(from)}`,
    }),
    ...changesOf({
      about: 'pool',
      before: before.pools,
      after: after.pools,
      called: (_, id) => id,
      tell: all<Pool>(
        poolNumbers,
        instead(({ carrier }) => carrier, 'is delivered by', String),
        instead(({ coolOff }) => coolOff, 'lets a released number rest', span),
        instead(({ low }) => low, 'is told to be low under', String),
        instead(
          ({ campaigns }) => campaigns,
          'gives numbers to',
          (campaigns) => listed(campaigns),
        ),
      ),
      introduce: ({ numbers, carrier }) => `${counted(numbers.length, 'number')} of ${carrier}`,
    }),
    ...changesOf({
      about: 'trunk',
      before: before.network.trunks,
      after: after.network.trunks,
      called: (_, id) => id,
      tell: trunk,
      introduce: ({ uri, transport }) => `${uri} over ${transport}`,
    }),
    ...changesOf({
      about: 'menu',
      before: menusOf(before),
      after: menusOf(after),
      called: (_, id) => id,
      tell: menu,
      introduce: ({ steps }) => `${counted(steps.size, 'step')}: ${listed([...steps.keys()])}`,
    }),
  ];
}

const byId = <T extends { readonly id: string }>(things: readonly T[]): ReadonlyMap<string, T> =>
  new Map(things.map((thing) => [thing.id, thing]));

/** Menus that a campaign plays. */
const menusOf = ({ network }: Config): ReadonlyMap<string, Ivr> =>
  byId([...network.campaigns.values()].flatMap(({ ivr }) => ivr ?? []));

const poolNumbers: Teller<Pool> = ({ numbers: was }, { numbers: is }) => {
  const [before, after] = [new Set(was), new Set(is)];
  const come = is.filter((number) => !before.has(number));
  const gone = was.filter((number) => !after.has(number));
  return [
    ...(come.length === 0 ? [] : [`gains ${some(come)}`]),
    ...(gone.length === 0 ? [] : [`loses ${some(gone)}`]),
  ];
};

const some = (numbers: readonly string[]): string =>
  numbers.length > 3 ? `${numbers.length} numbers, ${numbers[0] ?? ''} the first of them` : listed(numbers);

const trunk = all<Trunk>(
  instead(({ uri }) => uri, 'is reached at', String),
  instead(({ transport }) => transport, 'is reached over', String),
  instead(({ auth }) => auth?.username, 'knows us as', orNone),
  where(
    ({ auth }) => auth?.password,
    () => 'has another password',
  ),
  instead(({ concurrency }) => concurrency, 'takes', atOnce),
  instead(({ cps }) => cps, 'takes', aSecond),
  instead(
    ({ probe }) => probe,
    'is',
    (probe) =>
      probe === undefined
        ? 'not probed'
        : `probed every ${span(probe.every)} (down after ${probe.downAfter}, up after ${probe.upAfter})`,
  ),
  instead(({ silentAfter }) => silentAfter, 'counts as silent after', span),
  instead(
    ({ breaker }) => breaker,
    'rests',
    (breaker) =>
      breaker === null
        ? 'never for failing'
        : `for ${span(breaker.rest)} after ${breaker.failures} failures in a row, ` +
          `or once they are ${percent(breaker.ratio)} of the calls of ${span(breaker.over)}`,
  ),
  instead(
    ({ failover }) => failover,
    'lets no other buyer be tried after',
    (failover) => (failover === undefined ? 'what the campaign says' : answers(failover.stop)),
  ),
);

const menu: Teller<Ivr> = (was, is) => {
  const steps = [...new Set([...was.steps.keys(), ...is.steps.keys()])];
  return [
    ...(was.start === is.start ? [] : [`starts with ${is.start} instead of ${was.start}`]),
    ...steps.flatMap((step) => {
      const [old, now] = [was.steps.get(step), is.steps.get(step)];
      if (old === undefined) return [`has a step ${step}`];
      if (now === undefined) return [`no longer has the step ${step}`];
      return isDeepStrictEqual(old, now) ? [] : [`asks another way in its step ${step}`];
    }),
  ];
};
