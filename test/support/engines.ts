/**
 * Which engines the end-to-end suite runs on: the embedded ones, or those that the environment names as
 * `host:port:secret`. A drachtio server serves one switch at a time, which is what the suite starts.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RealEngine {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

export const drachtio = engineNamed('TOLLBRIDGE_DRACHTIO');
export const freeswitch = engineNamed('TOLLBRIDGE_FREESWITCH');

/** Channels that a FreeSWITCH has, by its own count. */
export async function liveChannels({ host, port, secret }: RealEngine): Promise<number> {
  const socket = connect({ host, port, noDelay: true });
  let said = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  socket.write(`auth ${secret}\n\napi show channels count\n\nexit\n\n`);
  await once(socket, 'close');
  const count = /^(\d+) total\.$/m.exec(said)?.[1];
  if (count === undefined) throw new Error(`FreeSWITCH did not count its channels:\n${said}`);
  return Number(count);
}

/** The `engine` of a switch of the suite; `sipPort` is where the embedded engine takes calls. */
export function engineSection(sipPort: number): Readonly<Record<string, unknown>> {
  const media = freeswitch === null ? 'embedded' : { freeswitch: [freeswitch] };
  return drachtio === null ? { ...embeddedEngine(sipPort), media } : { sip: { drachtio }, media };
}

export function embeddedEngine(sipPort: number): Readonly<Record<string, unknown>> {
  const listen = [`udp:127.0.0.1:${sipPort}`, `tcp:127.0.0.1:${sipPort}`];
  return { sip: 'embedded', media: 'embedded', listen };
}

/** Where a switch takes calls by UDP, by the line that says it is ready; a drachtio server has a port of its own. */
export function sipPortOf(readyLine: string): number {
  const port = /\budp:127\.0\.0\.1:(\d+)/.exec(readyLine)?.[1];
  if (port === undefined) throw new Error(`no UDP port on 127.0.0.1 in: ${readyLine}`);
  return Number(port);
}

function engineNamed(variable: string): RealEngine | null {
  const text = process.env[variable];
  if (text === undefined || text === '') return null;
  const [, host = '', port = '', secret = ''] = /^([^:]+):(\d+):(.+)$/.exec(text) ?? [];
  if (secret === '') throw new Error(`${variable} must be host:port:secret`);
  return { host, port: Number(port), secret };
}
