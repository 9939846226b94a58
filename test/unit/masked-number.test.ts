/** One masked form wherever a number is shown to whom it is not meant for. */
import { expect, it } from 'vitest';
import { LiveFeed } from '../../src/http/live-feed.ts';
import { publisherCall } from '../../src/http/routes/publisher-views.ts';
import { maskNumbers } from '../../src/mask-numbers.ts';
import { maskedNumber } from '../../src/masked-number.ts';
import type { CallView } from '../../src/records/call-view.ts';
import { bodyFor } from '../../src/records/outbox/body.ts';

const ofCall = {
  to: '+18005550100',
  campaign: 'solar',
  publisher: 'clickwise',
  source: null,
  buyer: 'helio',
};

const inApi = (from: string) => publisherCall({ ...ofCall, from } as CallView).from;

function inStream(from: string): unknown {
  const call = { ...ofCall, id: 'a', from, state: 'ringing', since: '', connected_since: null } as const;
  let told: unknown;
  new LiveFeed(() => [call]).add({
    ...{ id: 'token', publisher: 'clickwise', isBehind: () => false },
    send: (_event, data) => (told = data),
  })();
  return (told as { readonly from: unknown }[])[0]?.from;
}

function inWebhook(from: string): unknown {
  const call = { ...ofCall, call: 'a', carrier: 'c', from, attributes: {}, startedAt: 0, connectedAt: null };
  const body = bodyFor(
    { event: 'call.started', at: 0, reference: '', call },
    {
      ...{ id: 'e', events: ['call.started'], caller: 'masked', attributes: [] },
      owner: { kind: 'publisher', name: 'clickwise' },
    },
  );
  return (JSON.parse(body ?? '') as { readonly data: { readonly from: unknown } }).data.from;
}

const inLog = (from: string) => maskNumbers({ event: 'call_offered', from })['from'];
const inMessage = (from: string) => maskNumbers({ error: from })['error'];

it.each([
  ['+12145550199', '+1214***'],
  ['+442071838750', '+4420***'],
  ['+4930123', '+49***'],
  ['+493012', '+4***'],
  ['+49301', '+***'],
])('%s is %s in the API, the stream, a webhook and the log', (number, shown) => {
  const places = [inApi, inStream, inWebhook, inLog, inMessage];
  expect(places.map((place) => place(number))).toEqual(places.map(() => shown));
});

it('hides at least five digits, in whatever form a number is written', () => {
  expect(['12145550199', '2145550199', '5550199', 'anonymous', ''].map(maskedNumber)).toEqual([
    ...['1214***', '2145***', '55***', 'anon***', '***'],
  ]);
});
