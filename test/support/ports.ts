import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port that is free for UDP and TCP on 127.0.0.1, for programs that must be told one. Taken from below the
 * ranges that the media server gives to RTP and the system to port 0, so that nobody is given it before the program
 * that was told binds it.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = 6_200 + Math.floor(Math.random() * 10_000);
    if (taken.has(port) || unfetchable.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new Error('no free port found between 6200 and 16200');
}

/** An even port that is free with the next even one: what sipp takes for audio and video. */
export async function freeMediaPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port % 2 === 0 && !taken.has(port + 2) && (await isFree(port + 2))) {
      taken.add(port + 2);
      return port;
    }
  }
}

const taken = new Set<number>();
/** What `fetch` asks nobody for, in that range. */
const unfetchable = new Set([6_566, 6_665, 6_666, 6_667, 6_668, 6_669, 6_679, 6_697, 10_080]);

async function isFree(port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  const tcp = createServer();
  try {
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    tcp.listen(port, '127.0.0.1');
    await once(tcp, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    udp.close();
    tcp.close();
  }
}
