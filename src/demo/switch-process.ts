/** The real switch, as `serve` runs it: a process of its own, told by environment where to listen. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { packageRoot } from './package-root.ts';

const tollbridge = join(packageRoot, 'scripts/tollbridge.js');
const demoConfig = join(packageRoot, 'config/demo.yaml');
const readyWithin = 30_000;
const stopWithin = 15_000;

export interface RunningSwitch {
  /** `sip:host:port`. */
  readonly address: string;
  /** `http://host:port`. */
  readonly http: string;
  /** What a `tollbridge` command prints with `--json`. */
  ask(...command: string[]): Promise<unknown>;
  /** Resolves when the process has ended, on its own or not. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** Asks for a drain; resolves with the exit code, null where it had to be killed. */
  stop(): Promise<number | null>;
}

/** Throws where the switch does not become ready, with what it said. */
export async function startSwitch(options: { data: string; buyersPort: number }): Promise<RunningSwitch> {
  const [sipPort, httpPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    DEMO_SIP_PORT: String(sipPort),
    DEMO_HTTP_PORT: String(httpPort),
    DEMO_BUYERS_PORT: String(options.buyersPort),
  };
  const common = ['--config', demoConfig, '--data', options.data];
  const child = spawn(process.execPath, [tollbridge, 'serve', ...common], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  await ready(child, ended);

  return {
    address: `sip:127.0.0.1:${sipPort}`,
    http: `http://127.0.0.1:${httpPort}`,
    ask: async (...command) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [tollbridge, ...command, ...common, '--json'],
        { env, maxBuffer: 64 * 1024 * 1024 },
      );
      return JSON.parse(stdout) as unknown;
    },
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), stopWithin);
      const { code } = await ended;
      clearTimeout(killer);
      return code;
    },
  };
}

async function ready(child: ChildProcess, ended: RunningSwitch['ended']): Promise<void> {
  if (child.stdout === null) throw new Error('the switch has no output');
  const lines = createInterface({ input: child.stdout });
  const told = (async () => {
    for await (const line of lines) if (line.startsWith('tollbridge ready')) return 'ready';
    return 'silent';
  })();
  const timer = setTimeout(() => child.kill('SIGKILL'), readyWithin);
  const outcome = await Promise.race([told, ended]);
  clearTimeout(timer);
  if (outcome === 'ready') return;
  const { code, stderr } = await ended;
  throw new Error(`the switch did not become ready (exit code ${code ?? 'none'}):\n${stderr.slice(-4000)}`);
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-100_000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

/** Free for UDP and TCP alike, a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return port;
  } catch {
    return await freePort();
  } finally {
    socket.close();
    server.close();
  }
}
