/** The control connection to a FreeSWITCH, as drachtio-fsmrf makes it, and as it must be left. */
import { isIPv4, type Socket } from 'node:net';
import type Mrf from 'drachtio-fsmrf';
import { settleable, within } from '../../deadline.ts';
import { gatherWrites } from '../../gather-writes.ts';
import type { Log } from '../../log.ts';
import { messageOf, stackOf } from '../../message-of.ts';
import { sparingLines } from '../../sparing-lines.ts';
import { guardConnectBacks } from './connect-backs.ts';
import { readEvents, type ReadingEvents } from './event-socket/read-events.ts';
import type { ServerAddress } from './probe.ts';

const connectWithin = 3_000;
/** For the `exit` to go out and the far end to close. */
const goodbyeWithin = 1_000;
/** Bytes of a message: `show channels` has a line for each of some thousands; what a channel is told of is its own. */
const longest = { control: 16_777_216, connectBack: 1_048_576 };
/**
 * What is heard of an endpoint: the end of an application, of the channel, and digits. fsmrf asks for ten kinds, each time
 * with all that there is to say of the channel.
 */
const endpointEvents = ['CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_CALLSTATE', 'DTMF'];

interface ControlEvents extends ReadingEvents {
  /** An address connects where only this FreeSWITCH may. */
  readonly onStranger: (address: string) => void;
}

/** Told sparingly: each endpoint has a connection of its own. */
export function controlEventsIn(log: Log, server: string): ControlEvents {
  const mayWrite = sparingLines();
  const tell = (event: string) => (from: string) => {
    const say = (fields: object) => log('warn', event, { server, ...fields });
    if (mayWrite(event, event, (lines) => say({ lines }))) say({ from });
  };
  return {
    onStranger: tell('media_stranger_refused'),
    onGibberish: tell('media_server_gibberish'),
    onThrown: (error) => log('error', 'media_message_failed', { server, error: stackOf(error) }),
  };
}

/** The media server object once it is ready, or what is wrong, in words. What comes later is dismissed. */
export async function openControl(
  mrf: Mrf,
  { host, port, secret }: ServerAddress,
  events: ControlEvents,
): Promise<Mrf.MrfMediaServer | string> {
  const where = `FreeSWITCH at ${host}:${port}`;
  const connected = settleable<Mrf.MrfMediaServer | string>();
  let isOver = false;
  // Without listenAddress fsmrf listens on the first outside address.
  const listenAddress = isLoopback(host) ? '127.0.0.1' : '0.0.0.0';
  mrf.connect({ address: host, port, secret, listenAddress }, (error, server) => {
    if (server && isOver) dismiss(server);
    else if (server) prepare(server, events);
    isOver = true;
    connected.settle(server ?? `${where} cannot be used: ${messageOf(error)}`);
  });
  const late = `${where} did not answer within ${connectWithin / 1000} s`;
  const outcome = await within(connectWithin, connected.promise, late);
  isOver = true;
  return outcome;
}

/**
 * Ends a control connection for good. Where its socket broke by an error the library has set a timer to reconnect,
 * which heeds nothing: the connection that it would make is nobody's.
 */
export function dismiss(server: Mrf.MrfMediaServer): void {
  const { conn } = server;
  const { socket } = conn;
  server.removeAllListeners();
  server.on('error', () => undefined);
  server.disconnect();
  if (conn.reconnectVars.retryTimer) clearTimeout(conn.reconnectVars.retryTimer);
  if (socket) setTimeout(() => socket.destroy(), goodbyeWithin).unref();
}

/** At once when it is ready, which is between two messages. */
function prepare(server: Mrf.MrfMediaServer, events: ControlEvents): void {
  const { socket } = server.conn;
  // Lost already: the caller sees that it is not connected.
  if (!socket) return;
  atOnce(socket);
  // Listening on every address it would tell FreeSWITCH to connect to 0.0.0.0, which is FreeSWITCH's own machine.
  const { localAddress = '' } = socket;
  if (isIPv4(localAddress)) server.advertisedAddress = localAddress;
  guardConnectBacks(server, socket, atOnce, events.onStranger);
  server._server.on('connection::open', (connection) => {
    readEvents(connection, longest.connectBack, events);
    connection.subscribe = () => connection.events('plain', endpointEvents);
  });
  readEvents(server.conn, longest.control, events);
}

/** modesl writes a command in two pieces: with Nagle's algorithm the second waits 40 ms for a delayed ACK. */
function atOnce(socket: Socket): void {
  socket.setNoDelay(true);
  gatherWrites(socket);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
