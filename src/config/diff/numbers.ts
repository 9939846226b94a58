import type { Numbers, TrackingNumber } from '../../routing/network.ts';
import type { Config } from '../config.ts';
import type { Change } from './change.ts';

/** Numbers that change alike and are neighbours are told together. */
export function numberChanges({ network: before }: Config, { network: after }: Config): Change[] {
  const runs: Run[] = [];
  for (const [number, text] of changed(before.numbers, after.numbers)) {
    const run = runs.at(-1);
    if (run?.text === text && Number(number) === Number(run.last) + 1) run.last = number;
    else runs.push({ first: number, last: number, text });
  }
  return runs.map(({ first, last, text }) => {
    const id = first === last ? first : `${first}-${last.slice(-4)}`;
    const count = Number(last) - Number(first) + 1;
    return { about: 'number', id, text: `${id}${count === 1 ? '' : ` (${count} numbers)`}: ${text}` };
  });
}

interface Run {
  readonly first: string;
  last: string;
  readonly text: string;
}

function changed(before: Numbers, after: Numbers): [number: string, text: string][] {
  const said: [string, string][] = [];
  for (const [number, was] of before) {
    const text = moved(was, after.get(number));
    if (text !== null) said.push([number, text]);
  }
  for (const [number, is] of after) {
    if (before.get(number) === undefined) said.push([number, `new, ${owned(is)}`]);
  }
  return said.sort(([a], [b]) => Number(a) - Number(b));
}

function moved(was: TrackingNumber, is: TrackingNumber | undefined): string | null {
  if (is === undefined) return `no longer in use; it was ${owned(was)}`;
  const said = [
    ...(was.campaign === is.campaign ? [] : [`moves from the campaign ${was.campaign} to ${is.campaign}`]),
    ...(was.publisher === is.publisher ? [] : [`moves from ${was.publisher} to ${is.publisher}`]),
    ...(was.source === is.source
      ? []
      : [`its source is ${is.source ?? 'none'} instead of ${was.source ?? 'none'}`]),
  ];
  return said.length === 0 ? null : said.join(', ');
}

const owned = ({ campaign, publisher, source }: TrackingNumber): string =>
  `${publisher}'s in ${campaign}${source === null ? '' : `, source ${source}`}`;
