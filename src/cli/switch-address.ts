import type { Config } from '../config/config.ts';

/**
 * Where the switch of this config takes calls by UDP, as a SIP URI: one that listens on every address is reached on
 * this machine. Null where the config does not say: calls then come through a drachtio server.
 */
export function switchAddress({ engine }: Config): string | null {
  if (engine.sip.kind !== 'embedded') return null;
  const udp = engine.sip.listen.find((address) => address.startsWith('udp:'));
  return udp?.replace('udp:', 'sip:').replace('0.0.0.0', '127.0.0.1') ?? null;
}
