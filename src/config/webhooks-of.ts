/** Who is told of calls, of all that the config names. */
import { createHash } from 'node:crypto';
import type { Webhook, WebhookOwner } from './config.ts';
import type { Sections } from './schema.ts';

export function webhooksOf({ network, publishers, buyers }: Sections): readonly Webhook[] {
  return [
    ...owned({ kind: 'network' }, network.webhooks),
    ...[...publishers].flatMap(([name, { webhooks }]) => owned({ kind: 'publisher', name }, webhooks)),
    ...[...buyers].flatMap(([name, { webhooks }]) => owned({ kind: 'buyer', name }, webhooks)),
  ];
}

/** One URL may stand twice, for other events: each is an endpoint of its own. */
function owned(owner: WebhookOwner, written: readonly Omit<Webhook, 'id' | 'owner'>[]): Webhook[] {
  const seen = new Map<string, number>();
  return written.map((webhook) => {
    const before = seen.get(webhook.url) ?? 0;
    seen.set(webhook.url, before + 1);
    return { id: endpointId(owner, webhook.url, before), owner, ...webhook };
  });
}

/** The records name an endpoint by this: the URL, which may hold a key, is not for them. */
function endpointId(owner: WebhookOwner, url: string, before: number): string {
  const whose = owner.kind === 'network' ? '' : owner.name;
  const digest = createHash('sha256')
    .update(JSON.stringify([owner.kind, whose, url, before]))
    .digest('hex');
  return `ep_${digest.slice(0, 16)}`;
}
