import type { Config } from '../config/config.ts';
import { probeEventSocket } from '../media/freeswitch/probe.ts';
import { knock } from '../signalling/drachtio/knock.ts';

/**
 * What is wrong with the servers that the config names, a line each, with what to change; empty: they can be used. They
 * are asked side by side, within 3 s. One FreeSWITCH of several may be missing: it is tried until it is there.
 */
export async function lookAtEngines({ sip, media }: Config['engine']): Promise<readonly string[]> {
  const servers = media.kind === 'freeswitch' ? media.servers : [];
  const [drachtio, freeswitches] = await Promise.all([
    sip.kind === 'drachtio' ? knock(sip) : null,
    Promise.all(servers.map(probeEventSocket)),
  ]);
  const isMediaThere = freeswitches.includes(null);
  return [drachtio, ...(isMediaThere ? [] : freeswitches)].filter((wrong) => wrong !== null);
}
