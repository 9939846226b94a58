import { vi } from 'vitest';
import { run } from '../../../src/cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, as `tollbridge ARGS…` would. */
export async function tollbridge(...args: string[]): Promise<Ran> {
  const heard = { stdout: '', stderr: '' };
  const listen = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      heard[name] += String(chunk);
      return true;
    });
  const spies = [listen('stdout'), listen('stderr')];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await run(['node', 'tollbridge', ...args]);
    return { code: exitCode(), ...heard };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

const exitCode = (): number => Number(process.exitCode ?? 0);
