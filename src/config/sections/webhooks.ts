/** Who is told of calls over HTTP. */
import { z } from 'zod';
import { parseHttpUrl } from '../values/address.ts';
import { parseSigningSecret, parseToldAttribute } from '../values/scalars.ts';
import { field } from './fields.ts';

const afterwards = ['call.ended', 'call.settled', 'call.corrected'] as const;
const all = ['call.started', 'call.connected', ...afterwards] as const;
/** A buyer has to do with a call once it took it. */
const connected = ['call.connected', ...afterwards] as const;

const url = () => field(parseHttpUrl('https://hooks.example.com/calls'));
const secret = () => field(parseSigningSecret);
const attributes = () => z.array(field(parseToldAttribute)).default([]);
const caller = (usual: 'masked' | 'full') => z.enum(['masked', 'full']).default(usual);

export const networkWebhooks = () => webhooks(all, 'full');
export const publisherWebhooks = () => webhooks(all, 'masked');
export const buyerWebhooks = () => webhooks(connected, 'full');

const webhooks = <const Event extends string>(events: readonly Event[], numbers: 'masked' | 'full') =>
  z
    .array(
      z.strictObject({
        url: url(),
        secret: secret(),
        events: z
          .array(z.enum(events))
          .min(1)
          .default([...events]),
        caller: caller(numbers),
        attributes: attributes(),
      }),
    )
    .default([]);
