import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

/** Where the compiled engine lies. */
export interface Compiled {
  /** Imports a module by its path in src/embedded, without its ending. */
  load<Module>(module: string): Promise<Module>;
  remove(): Promise<void>;
}

/** What src/embedded imports of the house: its leaves. */
const belongs = /^(?:embedded\/.*|sdp\/.*|[^/]*)\.ts$/;

/** A worker thread runs compiled code only, so that is what is tested: src/embedded, compiled to a place of its own. */
export async function compileEngine(): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-compiled-'));
  const source = new URL('../../../src/', import.meta.url);
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    rewriteRelativeImportExtensions: true,
  };
  for (const name of await readdir(source, { recursive: true })) {
    if (!belongs.test(name)) continue;
    const text = await readFile(new URL(name, source), 'utf8');
    const path = join(folder, name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, ts.transpileModule(text, { compilerOptions }).outputText);
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(
    fileURLToPath(new URL('../../../node_modules', import.meta.url)),
    join(folder, 'node_modules'),
  );
  return {
    load: async <Module>(module: string) =>
      (await import(pathToFileURL(join(folder, 'embedded', `${module}.js`)).href)) as Module,
    remove: () => rm(folder, { recursive: true }),
  };
}
