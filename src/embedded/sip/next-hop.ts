import { isIPv6 } from 'node:net';
import { parseAddress } from './message/address.ts';
import { SipRequest } from './message/message.ts';
import { parseUri } from './message/uri.ts';
import type { Channel, Protocol } from './transport/channel.ts';
import type { Transports } from './transport/transports.ts';

/** Above this a request must not go by UDP if it can go by TCP (RFC 3261 §18.1.1: path MTU unknown). */
const datagramLimit = 1_300;

export type NextHop =
  | {
      readonly ok: true;
      readonly channel: Channel;
      /** By UDP after all, should TCP, chosen only for the size of the message, be refused. */
      readonly fallback: (() => Channel | null) | null;
    }
  | { readonly ok: false; readonly reason: string };

/** Where a request goes: to `via` if given, else its first Route, else its request URI (RFC 3261 §8.1.2). */
export function nextHop(request: SipRequest, transports: Transports, via?: string): NextHop {
  const text = via ?? parseAddress(request.headers.list('route')[0] ?? '')?.uri ?? request.uri;
  const uri = parseUri(text);
  if (!uri) return { ok: false, reason: `invalid request-uri: ${text}` };
  const named = uri.params.get('transport')?.toLowerCase();
  const host = uri.params.get('maddr') ?? uri.host;
  const remote = { host: host === 'localhost' ? '127.0.0.1' : host, port: uri.port ?? 5060 };
  const family = isIPv6(remote.host);
  const open = (protocol: Protocol) => transports.channelTo(protocol, remote);
  if (uri.scheme === 'sips' || (named !== undefined && named !== 'udp' && named !== 'tcp'))
    return unavailable;
  const big = named === undefined && request.toBuffer().length + viaRoom > datagramLimit && !family;
  if (big && transports.has('tcp') && transports.has('udp')) {
    const channel = open('tcp');
    if (channel) return { ok: true, channel, fallback: () => open('udp') };
  }
  const channel = open(named ?? transports.usual(remote));
  return channel ? { ok: true, channel, fallback: null } : unavailable;
}

/** The channel that a small request to this URI takes. */
export function channelTowards(uri: string, transports: Transports): Channel | null {
  const hop = nextHop(new SipRequest('OPTIONS', uri), transports);
  return hop.ok ? hop.channel : null;
}

/** What the Via will add to the size. */
const viaRoom = 90;

const unavailable: NextHop = { ok: false, reason: 'requested protocol/transport not available' };
