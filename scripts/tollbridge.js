#!/usr/bin/env node
// Runs the compiled command line. In a checkout whose install scripts were off, dist/ is compiled on first use.
import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const root = new URL('..', import.meta.url);
const entry = new URL('dist/src/cli/main.js', root);

if (!existsSync(entry)) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: ['ignore', 2, 2] });
}

await import(entry.href);
