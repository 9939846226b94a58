import { dirname, resolve } from 'node:path';
import { assemble } from './assemble.ts';
import { checkAttributes } from './checks/attributes.ts';
import { checkMenus } from './checks/menus.ts';
import { checkNames } from './checks/names.ts';
import { checkPrompts } from './checks/prompts.ts';
import { checkTelephoneNumbers } from './checks/telephone-numbers.ts';
import type { LoadResult } from './config.ts';
import type { Environment } from './environment.ts';
import { explain } from './explain.ts';
import { readConfigFile } from './read-file.ts';
import { Report } from './report.ts';
import { schema } from './schema.ts';
import type { Given } from './sections/fields.ts';
import { parseCountry, parseCurrency } from './values/locale.ts';
import { warn } from './warnings.ts';
import { readYaml } from './yaml/read-yaml.ts';
import { isBranch, textAt } from './yaml/tree.ts';
import type { Tree } from './yaml/tree.ts';

/** A config file read, checked and resolved; or everything that is wrong with it, at once. */
export async function loadConfig(file: string, env: Environment): Promise<LoadResult> {
  const absolute = resolve(file);
  const text = await readConfigFile(absolute);
  if (!text.ok) {
    const { message, hint } = text;
    return {
      ok: false,
      problems: [{ severity: 'error', path: '', line: null, column: null, message, hint }],
    };
  }
  return readConfig(absolute, text.value, env);
}

/** As loadConfig, of a text that would stand in `file`. */
export async function readConfig(file: string, text: string, env: Environment): Promise<LoadResult> {
  const read = readYaml(text, env);
  if (!read.ok) return { ok: false, problems: read.problems };
  const tree = withoutEmptySections(read.yaml.tree);
  const report = new Report(read.yaml.written);
  for (const { path, message, hint, where } of read.yaml.remarks) report.error(path, message, hint, where);
  if (!isBranch(tree)) {
    const found = tree === null ? 'is empty' : 'does not hold a map of sections';
    report.error([], `the file ${found}`, 'start with network:');
    return { ok: false, problems: report.problems() };
  }

  const given = givenBy(tree, dirname(file));
  const shape = schema(given);
  // Compiling a schema pays for many parses; this one lives for one.
  const sections = shape.safeParse(tree, { jitless: true });
  if (!sections.success) explain(sections.error.issues, { tree, schema: shape, report });
  checkNames(tree, report);
  checkTelephoneNumbers(tree, given, report);
  checkMenus(tree, report);
  checkAttributes(tree, report);
  await checkPrompts(tree, given.dir, report);
  if (!sections.success || report.failed) return { ok: false, problems: report.problems() };

  const config = assemble(file, sections.data, given);
  warn(config, tree, report);
  return { ok: true, config, problems: report.problems() };
}

/** A section whose entries were all commented out is as good as not there. */
function withoutEmptySections(tree: Tree): Tree {
  if (!isBranch(tree)) return tree;
  const kept = Object.entries(tree).filter(([, section]) => section !== null);
  return Object.assign(Object.create(null) as object, Object.fromEntries(kept));
}

function givenBy(tree: Tree, dir: string): Given {
  const country = parseCountry(textAt(tree, ['network', 'country']) ?? '');
  const currency = parseCurrency(textAt(tree, ['network', 'currency']) ?? '');
  return {
    dir,
    country: country.ok ? country.value : null,
    // Any currency will do to read amounts by, where the one written is wrong: nothing is built of them.
    currency: currency.ok ? currency.value : { code: 'the currency', minorDigits: 6 },
  };
}
