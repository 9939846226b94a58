import type { Network, Subject } from '../../routing/network.ts';

/** A cap is reset at the midnight of its buyer; those of campaigns, publishers and trunks at the network's own. */
export function zoneOf(
  { network, timezone }: { readonly network: Pick<Network, 'buyers'>; readonly timezone: string },
  subject: Subject,
): string {
  const [kind, name = ''] = subject.split(/:(.*)/s);
  const buyer = kind === 'buyer' ? name : kind === 'route' ? name.slice(name.indexOf('/') + 1) : '';
  return network.buyers.get(buyer)?.timezone ?? timezone;
}
