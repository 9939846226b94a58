import { networkInterfaces } from 'node:os';
import { splitHostPort } from '../values/address.ts';
import type { Judged } from './judged.ts';

/** A trunk that leads to where we take calls: what it is sent comes back, and is refused as a loop. */
export function leadsHere({ config, report }: Judged): void {
  const { sip } = config.engine;
  // Where a drachtio server listens is for its own config to say.
  if (sip.kind !== 'embedded') return;
  const ours = sip.listen.flatMap((listen) => {
    const [, transport = '', address = ''] = /^(udp|tcp):(.*)$/.exec(listen) ?? [];
    const at = splitHostPort(address);
    return at === null ? [] : [{ transport, ...at }];
  });
  for (const { id, uri, transport } of config.network.trunks.values()) {
    const { host, port } = splitHostPort(uri.replace(/^sips?:/i, '')) ?? {};
    const own = ours.find(
      (one) =>
        one.transport === transport && one.port === (port ?? 5060) && isReachedAt(one.host, host ?? ''),
    );
    if (own === undefined) continue;
    const message = 'leads to this switch itself: every call that it is sent is refused as a loop';
    report.warning(['trunks', id, 'uri'], message, "the address of the buyer's own switch");
  }
}

function isReachedAt(listening: string, host: string): boolean {
  const name = host === 'localhost' ? '127.0.0.1' : host;
  if (listening === name) return true;
  if (listening !== '0.0.0.0' && listening !== '::') return false;
  return (
    name.startsWith('127.') ||
    Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === name))
  );
}
