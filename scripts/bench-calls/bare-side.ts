import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pidsOf, pin, pinned } from './cores.ts';
import { numbersFor, serverAt, type Side } from './side.ts';

/** `createB2BUA` of drachtio-srf, on the SIP server that the switch has, too: the embedded one, or the real one. */
export async function bareSide(buyers: readonly number[]): Promise<Side> {
  const { program, before } = pinned('measured', process.execPath);
  const entry = fileURLToPath(new URL('bare-entry.js', import.meta.url));
  const child = spawn(program, [...before, entry, ...buyers.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
  if (typeof line !== 'string') throw new Error('the bare one does not start');
  const port = Number(/\budp\/[^,]*?:(\d+)/.exec(line)?.[1]);
  const drachtio = serverAt('TOLLBRIDGE_DRACHTIO') ? await pidsOf('drachtio') : [];
  await pin(drachtio, 'measured');
  return {
    name: 'bare createB2BUA, thirty lines',
    target: { ports: [port], numbers: numbersFor(buyers.length) },
    programs: new Map([
      ['node', child.pid === undefined ? [] : [child.pid]],
      ...(drachtio.length > 0 ? ([['drachtio', drachtio]] as const) : []),
    ]),
    from: 600,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
