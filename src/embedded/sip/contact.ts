import { hostText } from './message/uri.ts';
import type { Channel } from './transport/channel.ts';

/** Our Contact as whoever is at the other end of this channel reaches us. */
export function contactFor({ protocol, local }: Channel): string {
  const transport = protocol === 'udp' ? '' : `;transport=${protocol}`;
  return `<sip:${hostText(local.host)}:${local.port}${transport}>`;
}
