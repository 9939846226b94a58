import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { provideSipp, type SippCommand } from '../support/sipp-command.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    sipp: SippCommand;
  }
}

/** The suite drives the product as it is delivered: the compiled command line, with sipp as the far ends. */
export default async function setup(project: TestProject): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const [sipp] = await Promise.all([
    provideSipp(),
    promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root }).catch((error: unknown) => {
      const said = error as { stdout?: string; stderr?: string };
      throw new Error(`npm run build failed:\n${said.stdout ?? ''}${said.stderr ?? ''}`);
    }),
  ]);
  project.provide('sipp', sipp);
}
