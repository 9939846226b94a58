import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/demo/package-root.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end. */
export function tollbridge(...words: readonly string[]): Promise<CommandResult> {
  const { DATABASE_URL: _database, TOLLBRIDGE_DATA: _data, TOLLBRIDGE_TOKEN: _token, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(packageRoot, 'scripts', 'tollbridge.js'), ...words],
      { env, timeout: 300_000, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
