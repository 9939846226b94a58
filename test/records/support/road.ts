/** A way to a database that can be cut, blocked, and made to swallow what goes over it. */
import { createServer, connect, type Server, type Socket } from 'node:net';

export interface Road {
  /** The database, by a way that can be cut. */
  readonly url: string;
  /** Ends every connection, takes new ones. */
  cut(): void;
  block(): void;
  /** Nothing comes through in either direction, and no connection ends, until it is open again. */
  swallow(): void;
  open(): void;
  /** Answers each new connection with this instead of letting it through. */
  refuseWith(answer: Buffer | null): void;
  /** The next time this is said, nothing more comes back: the connection ends once the database has answered. */
  cutAnswersAfter(said: string): void;
  wasCut(): Promise<void>;
  close(): void;
}

/** ErrorResponse, FATAL 53300. */
export const tooManyClients = ((): Buffer => {
  const fields = Buffer.from('SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
})();

export async function openRoad(to: string): Promise<Road> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let isBlocked = false;
  let isSwallowing = false;
  let refusal: Buffer | null = null;
  let cutAfter: string | null = null;
  let cutDone: () => void = () => undefined;
  let wasCut: Promise<void> = Promise.resolve();
  const server: Server = createServer((near) => {
    near.on('error', () => undefined);
    if (isBlocked) {
      near.destroy();
      return;
    }
    if (refusal) {
      const answer = refusal;
      near.once('data', () => near.end(answer));
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    let isMute = false;
    // What was swallowed once is never the same conversation again.
    let isLost = false;
    for (const each of [near, far]) {
      sockets.add(each);
      each.on('error', () => undefined);
      each.on('close', () => {
        sockets.delete(each);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (said) => {
      isLost ||= isSwallowing;
      if (isLost) return;
      if (cutAfter !== null && said.includes(cutAfter)) {
        isMute = true;
        cutAfter = null;
      }
      far.write(said);
    });
    far.on('data', (answer) => {
      isLost ||= isSwallowing;
      if (isLost) return;
      if (!isMute) near.write(answer);
      else {
        near.destroy();
        cutDone();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = Object.assign(new URL(to), { port: String(address.port), hostname: '127.0.0.1' });
  return {
    url: url.href,
    cut,
    block: () => {
      isBlocked = true;
      cut();
    },
    swallow: () => {
      isSwallowing = true;
    },
    open: () => {
      isBlocked = false;
      isSwallowing = false;
    },
    refuseWith: (answer) => {
      refusal = answer;
    },
    cutAnswersAfter: (said) => {
      cutAfter = said;
      wasCut = new Promise((resolve) => (cutDone = resolve));
    },
    wasCut: () => wasCut,
    close: () => {
      cut();
      server.close();
    },
  };
}
