import { parseHostPort } from './message/uri.ts';
import type { ListenAddress } from './transport/channel.ts';

/** `udp:127.0.0.1:5060` → its parts; throws RangeError on what is not written like that. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(udp|tcp):(.+):(\d{1,5})$/.exec(text);
  const [, protocol, hostWritten = '', port] = match ?? [];
  const host = parseHostPort(hostWritten)?.host;
  if ((protocol !== 'udp' && protocol !== 'tcp') || host === undefined || Number(port) > 65535) {
    throw new RangeError(
      `${JSON.stringify(text)} is no address to listen on; write it like udp:127.0.0.1:5060`,
    );
  }
  return { protocol, host, port: Number(port) };
}
