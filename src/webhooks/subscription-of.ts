import type { Webhook } from '../config/config.ts';
import type { Subscription } from '../records/outbox/subscription.ts';

/** What the records must know of a webhook; where it is and by which key stays with who delivers. */
export const subscriptionOf = ({ id, owner, events, caller, attributes }: Webhook): Subscription => ({
  ...{ id, owner, events, caller, attributes },
});
