/**
 * FreeSWITCH connects back for each endpoint, and drachtio-modesl takes whoever comes for it: there is no login, and what
 * it is sent is kept until a line is blank. So only the address that FreeSWITCH was reached at may come, and only for so
 * long, and with so much, as it takes to name an endpoint that was asked for.
 */
import type { Socket } from 'node:net';
import type Mrf from 'drachtio-fsmrf';
import ipaddr from 'ipaddr.js';

const introductionWithin = 10_000;
const longestIntroduction = 65_536;
const tellOnceWithin = 60_000;

/** Prepares each socket that is let in. `onStranger` is told once a minute at most. */
export function guardConnectBacks(
  server: Mrf.MrfMediaServer,
  control: Socket,
  prepare: (socket: Socket) => void,
  onStranger: (address: string) => void,
): void {
  const { _server: backs } = server;
  const known = addressesOf(control);
  // Nothing was asked for yet: who is there already is a stranger.
  for (const { socket } of Object.values(backs.connections)) socket?.destroy();

  let toldAt = Number.NEGATIVE_INFINITY;
  const refuse = (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    socket.destroy();
    if (performance.now() - toldAt < tellOnceWithin) return;
    toldAt = performance.now();
    onStranger(remoteAddress);
  };
  const introductions = new WeakMap<Socket, () => void>();
  const takers = backs.server.listeners('connection') as ((socket: Socket) => void)[];
  backs.server.removeAllListeners('connection');
  backs.server.on('connection', (socket) => {
    if (!known.has(plain(socket.remoteAddress))) {
      refuse(socket);
      return;
    }
    prepare(socket);
    for (const take of takers) take.call(backs.server, socket);
    introductions.set(socket, endUnlessIntroduced(socket));
  });

  // fsmrf tells of a channel that it waited for while it hears who has connected, before this does.
  let isExpected = false;
  server.on('channel::open', () => (isExpected = true));
  backs.on('connection::ready', ({ socket }) => {
    if (isExpected && socket) introductions.get(socket)?.();
    isExpected = false;
  });
}

/** Destroys it unless the introduction is over, which is what the returned tells, in time. */
function endUnlessIntroduced(socket: Socket): () => void {
  let heard = 0;
  const count = (chunk: Buffer) => {
    heard += chunk.length;
    if (heard > longestIntroduction) socket.destroy();
  };
  const timer = setTimeout(() => socket.destroy(), introductionWithin);
  const over = () => {
    clearTimeout(timer);
    socket.off('data', count);
  };
  socket.on('data', count);
  socket.once('close', over);
  return over;
}

/** Where its connections come from: on this machine from where they lead to. */
function addressesOf({ remoteAddress, localAddress }: Socket): ReadonlySet<string> {
  const [theirs, ours] = [plain(remoteAddress), plain(localAddress)];
  const isHere = theirs === ours || (ipaddr.isValid(theirs) && ipaddr.parse(theirs).range() === 'loopback');
  return new Set(isHere ? [theirs, ours, '127.0.0.1'] : [theirs]);
}

/** `::ffff:192.0.2.1` is 192.0.2.1. */
const plain = (address = ''): string => (ipaddr.isValid(address) ? ipaddr.process(address).toString() : '');
