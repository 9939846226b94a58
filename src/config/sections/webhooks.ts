/** Who is told of calls over HTTP. */
import { z } from 'zod';
import { parseHttpUrl } from '../values/address.ts';
import { parseSigningSecret, parseToldAttribute } from '../values/scalars.ts';
import { field } from './fields.ts';
import { choice, withForm } from './forms.ts';

const afterwards = ['call.ended', 'call.settled', 'call.corrected'] as const;
const all = ['call.started', 'call.connected', ...afterwards] as const;
/** A buyer has to do with a call once it took it. */
const connected = ['call.connected', ...afterwards] as const;

const url = () => field(parseHttpUrl('https://hooks.example.com/calls'));
const secret = () => field(parseSigningSecret);
const attributes = () => z.array(field(parseToldAttribute)).default([]);
const caller = (usual: 'masked' | 'full') => z.enum(['masked', 'full']).default(usual);

type Event = (typeof all)[number];

/** What is no event is told by the names of all; what is none for this owner, by why. */
const event = (events: readonly Event[]) =>
  withForm(
    choice(events),
    z.enum(all).superRefine((named, context) => {
      if (events.includes(named)) return;
      const message = `nothing is told of "${named}" here: a buyer hears of a call once it took it`;
      context.addIssue({ code: 'custom', message, params: { hint: `one of: ${events.join(', ')}` } });
    }),
  );

export const networkWebhooks = () => webhooks(all, 'full');
export const publisherWebhooks = () => webhooks(all, 'masked');
export const buyerWebhooks = () => webhooks(connected, 'full');

const webhooks = (events: readonly Event[], numbers: 'masked' | 'full') =>
  z
    .array(
      z.strictObject({
        url: url(),
        secret: secret(),
        events: z
          .array(event(events))
          .min(1)
          .default([...events]),
        caller: caller(numbers),
        attributes: attributes(),
      }),
    )
    .default([]);
