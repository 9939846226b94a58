/**
 * The engines apart from the switch, each behind a road that can be cut: a drachtio server and a FreeSWITCH that the
 * environment names, else the embedded ones, each a process of its own.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/demo/package-root.ts';
import { TcpProxy } from '../../../test/engine/support/tcp-proxy.ts';
import { drachtio, freeswitch, type RealEngine } from '../../../test/support/engines.ts';
import { freePort } from '../../../test/support/ports.ts';

/** What can be done to a server; each resolves once it is done. */
export type Deed = 'kill' | 'start' | 'hold' | 'release';

export interface Engine {
  /** As the switch would reach it without the road. */
  readonly at: RealEngine;
  readonly road: TcpProxy;
  /** Kills it at once; starts it again where it was; stops it where it stands; lets it go on. */
  do(deed: Deed): Promise<void>;
}

export interface Engines {
  readonly drachtio: Engine;
  readonly freeswitch: Engine;
  /** The `engine` of a switch that reaches them by the roads. */
  readonly section: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function startEngines(): Promise<Engines> {
  const host = '127.0.0.1';
  const secret = 'drilled';
  const sip = { host, port: await freePort() };
  const embedded = {
    drachtio: { host, port: await freePort() },
    freeswitch: { host, port: await freePort() },
  };
  const processes = {
    drachtio: new EmbeddedServer('sip', {
      ...{
        listen: [`udp:${host}:${sip.port}`, `tcp:${host}:${sip.port}`],
        control: embedded.drachtio,
        secret,
      },
    }),
    freeswitch: new EmbeddedServer('media', {
      ...{ sip: { host, port: await freePort() }, eventSocket: embedded.freeswitch, secret },
      ...{ trust: [{ transport: 'udp', ...sip }], rtp: { host }, rtpTimeoutMs: 60_000 },
    }),
  };
  const engines = {
    drachtio: await engine(drachtio, 'TOLLBRIDGE_DRACHTIO', processes.drachtio, embedded.drachtio, secret),
    freeswitch: await engine(
      ...([freeswitch, 'TOLLBRIDGE_FREESWITCH', processes.freeswitch, embedded.freeswitch, secret] as const),
    ),
  };
  const by = ({ at, road }: Engine) => ({ host, port: road.port, secret: at.secret });
  return {
    ...engines,
    section: { sip: { drachtio: by(engines.drachtio) }, media: { freeswitch: [by(engines.freeswitch)] } },
    close: async () => {
      await Promise.all(Object.values(engines).map(({ road }) => road.close()));
      await Promise.all(Object.values(processes).map((process) => process.do('kill')));
    },
  };
}

async function engine(
  real: RealEngine | null,
  name: string,
  embedded: EmbeddedServer,
  place: { readonly host: string; readonly port: number },
  secret: string,
): Promise<Engine> {
  const at = real ?? { ...place, secret };
  if (!real) await embedded.do('start');
  const deed = real ? (one: Deed) => byCommand(`${name}_COMMAND`, one) : (one: Deed) => embedded.do(one);
  return { at, road: await TcpProxy.to(at.port), do: deed };
}

/** A real server is its owner's: the command that the environment names is run, with the deed behind it. */
async function byCommand(variable: string, deed: Deed): Promise<void> {
  const command = process.env[variable];
  if (command === undefined || command === '')
    throw new Error(`${variable} must name a command that does kill, start, hold and release to the server`);
  await promisify(execFile)('sh', ['-c', `${command} ${deed}`], { timeout: 60_000 });
}

class EmbeddedServer {
  readonly #words: readonly string[];
  #process: ChildProcess | null = null;

  constructor(kind: 'sip' | 'media', options: object) {
    const script = join(packageRoot, 'scripts', 'drill', 'embedded-engine.js');
    this.#words = [script, kind, JSON.stringify(options)];
  }

  async do(deed: Deed): Promise<void> {
    const child = this.#process;
    if (deed === 'start') await this.#start();
    else if (deed === 'hold') child?.kill('SIGSTOP');
    else if (deed === 'release') child?.kill('SIGCONT');
    else if (child) {
      this.#process = null;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }

  async #start(): Promise<void> {
    const child = spawn(process.execPath, this.#words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const said = await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`an engine of the drill ended with ${String(code)} as it started`);
      }),
    ]);
    if (String(said[0]).trim() !== 'up') throw new Error(`an engine of the drill says ${String(said[0])}`);
  }
}
