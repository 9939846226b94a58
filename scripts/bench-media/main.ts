/**
 * What a command to a FreeSWITCH costs, with Nagle's algorithm on its event sockets as the library leaves it, and
 * without, as the switch sets it. For real servers: TOLLBRIDGE_DRACHTIO and TOLLBRIDGE_FREESWITCH as in the suite.
 */
import type { Socket } from 'node:net';
import Mrf from 'drachtio-fsmrf';
import { startMediaServer } from '../../src/embedded/media/server.ts';
import { startSipServer } from '../../src/embedded/sip/server.ts';
import { connectSignalling } from '../../src/signalling/drachtio/connect.ts';
import { drachtio, freeswitch, type RealEngine } from '../../test/support/engines.ts';

const times = 200;
const secret = 'bench';
const loopback = { host: '127.0.0.1', port: 0 };
const releases: (() => unknown)[] = [];

const { sip, media } = await engines();
const linked = await connectSignalling({ ...sip, log: () => undefined });
if (!linked.ok) throw new Error(linked.problem);
releases.push(() => linked.signalling.close());
console.log(freeswitch === null ? 'the embedded engine' : 'a real FreeSWITCH');
console.log('ms: median, 99th percentile, of', times);
for (const noDelay of [false, true, false, true]) await measure(noDelay);
for (const release of releases.reverse()) await release();

async function measure(noDelay: boolean): Promise<void> {
  const server = await connectTo(media);
  const ours = new Set<Socket>();
  const tell = (socket: Socket) => {
    socket.setNoDelay(noDelay);
    ours.add(socket);
  };
  if (server.conn.socket) tell(server.conn.socket);
  server._server.server.prependListener('connection', tell);
  const endpoint = await server.createEndpoint({});
  const rows = {
    'api, control connection': () => server.api('version'),
    'api, of a channel': () => endpoint.api('uuid_getvar', [endpoint.uuid, 'uuid']),
    'execute set': () => endpoint.execute('set', 'a=b'),
  };
  console.log(noDelay ? 'without Nagle' : 'with Nagle');
  for (const [name, act] of Object.entries(rows)) {
    const took: number[] = [];
    for (let n = 0; n < times; n++) {
      const began = performance.now();
      await act();
      took.push(performance.now() - began);
    }
    took.sort((a, b) => a - b);
    const at = (share: number) => (took[Math.floor(share * times)] ?? 0).toFixed(2).padStart(8);
    console.log(`  ${name.padEnd(26)}${at(0.5)}${at(0.99)}`);
  }
  await endpoint.destroy();
  server.disconnect();
  for (const socket of ours) socket.destroy();
}

function connectTo({ host, port, secret }: RealEngine): Promise<Mrf.MrfMediaServer> {
  return new Promise((resolve, reject) => {
    const mrf = new Mrf(linked.ok ? linked.srf : {});
    mrf.connect({ address: host, port, secret, listenAddress: '127.0.0.1' }, (error, server) => {
      if (server) resolve(server);
      else reject(new Error(String(error)));
    });
  });
}

async function engines(): Promise<{ sip: RealEngine; media: RealEngine }> {
  const server =
    drachtio === null
      ? await startSipServer({ listen: ['udp:127.0.0.1:0'], control: loopback, secret })
      : null;
  if (server) releases.push(() => server.close());
  const sip = drachtio ?? { host: '127.0.0.1', port: server?.control.port ?? 0, secret };
  if (freeswitch) return { sip, media: freeswitch };
  if (!server) throw new Error('an embedded media server takes calls of the embedded SIP server alone');
  const { listening: trust } = server;
  const own = await startMediaServer({ sip: loopback, eventSocket: loopback, secret, trust, rtp: loopback });
  releases.push(() => own.close());
  return { sip, media: { ...own.eventSocket, secret } };
}
