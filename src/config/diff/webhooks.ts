import { isDeepStrictEqual } from 'node:util';
import type { Config, Webhook } from '../config.ts';
import { listed } from './words.ts';

/** Those of one owner, in the order of the file. */
export const webhooksFor = (
  { webhooks }: Config,
  kind: Webhook['owner']['kind'],
  name = '',
): readonly Webhook[] =>
  webhooks.filter(({ owner }) => owner.kind === kind && (owner.kind === 'network' || owner.name === name));

/** What is another about who is told where. Of a URL the host is named: the rest may hold a key. */
export function webhookChanges(before: readonly Webhook[], after: readonly Webhook[]): readonly string[] {
  const known = new Map(before.map((webhook) => [webhook.id, webhook]));
  const kept = new Set(after.map(({ id }) => id));
  return [
    ...before.filter(({ id }) => !kept.has(id)).map(({ url }) => `is told nothing more at ${host(url)}`),
    ...after.flatMap((is) => {
      const was = known.get(is.id);
      return was ? changes(was, is) : [`is told of ${listed(is.events)} at ${host(is.url)}`];
    }),
  ];
}

function changes(was: Webhook, is: Webhook): readonly string[] {
  const at = host(is.url);
  const said = (part: 'events' | 'caller' | 'attributes' | 'secret', words: string) =>
    isDeepStrictEqual(was[part], is[part]) ? [] : [`${words} at ${at}`];
  return [
    ...said('events', `is told of ${listed(is.events)} instead of ${listed(was.events)}`),
    ...said('caller', `is told ${is.caller === 'full' ? 'whole' : 'masked'} numbers`),
    ...said(
      'attributes',
      is.attributes.length === 0 ? 'is told no attribute' : `is told ${listed(is.attributes)}`,
    ),
    ...said('secret', 'has another secret'),
  ];
}

const host = (url: string): string => new URL(url).host;
