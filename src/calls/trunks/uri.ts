import type { Trunk } from '../../routing/network.ts';

/** Where a trunk is reached, its transport included: the same for a call and for a probe. */
export function trunkUri({ uri, transport }: Pick<Trunk, 'uri' | 'transport'>): string {
  return transport === 'udp' ? uri : `${uri};transport=${transport}`;
}
