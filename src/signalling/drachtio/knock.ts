/**
 * A knock at a drachtio server before the library connects: its first connection cannot be called off, what it does not
 * understand it throws where nobody can catch it, and it tells of a refusal without a reason.
 */
import { connect, type Socket } from 'node:net';
import { settleable, within } from '../../deadline.ts';
import { unreachable } from '../../unreachable.ts';

interface SipServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

const answerWithin = 1_500;
/** Its answer is one line; what is longer is no drachtio's. */
const longestAnswer = 10_000;
/** What was tried: the wire protocol of 0.8 lacks half of what is used here. */
const oldest = [0, 9] as const;

/** Null where a drachtio server is there and takes the secret; else what is wrong, in words, and what to change. */
export async function knock({ host, port, secret }: SipServerAddress): Promise<string | null> {
  const socket = connect({ host, port, noDelay: true });
  const answer = settleable<readonly string[] | string>();
  let said = Buffer.alloc(0);
  let silent = `cannot be reached within ${answerWithin / 1000} s: ${place}, and a firewall must let it through`;
  socket.once('connect', () => {
    silent = `said nothing within ${answerWithin / 1000} s: ${place}; if it is there, it hangs`;
    ask(socket, secret);
  });
  socket.on('data', (chunk) => {
    said = Buffer.concat([said, chunk]);
    const read = answerIn(said);
    if (read !== null) answer.settle(read);
  });
  socket.on('error', (error) => answer.settle(`${unreachable(error)}. Start it; ${place}`));
  socket.on('close', () => answer.settle(`closed the connection: ${place}`));
  const outcome = (await within(answerWithin, answer.promise, null)) ?? silent;
  socket.destroy();
  const wrong = typeof outcome === 'string' ? outcome : wrongWith(outcome);
  return wrong === null ? null : `drachtio at ${host}:${port} ${wrong}`;
}

function ask(socket: Socket, secret: string): void {
  const question = `knock|authenticate|${secret}|`;
  socket.write(`${Buffer.byteLength(question)}#${question}`);
}

const place =
  'host and port in engine.sip.drachtio must be those of <admin> in its drachtio.conf.xml (or DRACHTIO_ADMIN_TCP_PORT)';
const notDrachtio = `does not speak as a drachtio server does: ${place}`;

/** The tokens of the first frame; in words what is wrong with it; null while it is not whole. */
function answerIn(said: Buffer): readonly string[] | string | null {
  const end = said.indexOf('#');
  const digits = said.toString('latin1', 0, end < 0 ? Math.min(said.length, 7) : end);
  if (!/^\d{0,6}$/.test(digits) || Number(digits) > longestAnswer || end === 0) return notDrachtio;
  if (end < 0 || said.length < end + 1 + Number(digits)) return null;
  return said.toString('utf8', end + 1, end + 1 + Number(digits)).split('|');
}

/** `id|response|knock|OK|hostports|version|…`, or `…|NO|reason`. */
function wrongWith([, kind, , verdict, hostports = '', version = '']: readonly string[]): string | null {
  if (kind !== 'response') return notDrachtio;
  if (verdict !== 'OK')
    return 'refused the secret: secret in engine.sip.drachtio must be that of <admin> in its drachtio.conf.xml (or DRACHTIO_SECRET)';
  if (hostports === '') return notDrachtio;
  const wanted = `${oldest.join('.')} or newer is needed: install 0.9.10, or name another server in engine.sip.drachtio`;
  if (version === '') return `does not tell its version: ${wanted}`;
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  // A build of somebody's own says what it likes.
  if (major === undefined || minor === undefined) return null;
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  return isOld ? `is version ${version}: ${wanted}` : null;
}
