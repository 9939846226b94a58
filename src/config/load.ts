import { resolve } from 'node:path';
import { assemble } from './assemble.ts';
import { checkAttributes } from './checks/attributes.ts';
import { checkHeldNumbers, type HeldByAnother } from './checks/held-numbers.ts';
import { checkMenus } from './checks/menus.ts';
import { checkNames } from './checks/names.ts';
import { checkPrompts } from './checks/prompts.ts';
import { checkTelephoneNumbers } from './checks/telephone-numbers.ts';
import { checkTokens } from './checks/tokens.ts';
import type { LoadResult, Problem } from './config.ts';
import type { Environment } from './environment.ts';
import { merge, tellTwice } from './files/merge.ts';
import { readConfigFile } from './files/read-file.ts';
import { readSources } from './files/read-sources.ts';
import { parseSections } from './parse-sections.ts';
import { Report } from './report.ts';
import type { GivenEverywhere } from './sections/fields.ts';
import type { Source } from './source.ts';
import { parseCountry, parseCurrency } from './values/locale.ts';
import { warn } from './warnings/warn.ts';
import { isBranch, newBranch, textAt } from './yaml/tree.ts';
import type { Tree } from './yaml/tree.ts';

/**
 * A config file and what it includes, read, checked and resolved; or everything that is wrong with it, at once. `clashes`
 * are what the records have against it.
 */
export async function loadConfig(
  file: string,
  env: Environment,
  clashes: readonly HeldByAnother[] = [],
): Promise<LoadResult> {
  const absolute = resolve(file);
  const text = await readConfigFile(absolute);
  if (text.ok) return readConfig(absolute, text.value, env, clashes);
  const { message, hint } = text;
  const problem: Problem = {
    severity: 'error',
    file: absolute,
    path: '',
    line: null,
    column: null,
    message,
    hint,
  };
  return { ok: false, problems: [problem], files: [absolute], folders: [] };
}

/** As loadConfig, of a text that would stand in `file`, an absolute path. */
export async function readConfig(
  file: string,
  text: string,
  env: Environment,
  clashes: readonly HeldByAnother[] = [],
): Promise<LoadResult> {
  const read = await readSources(file, text, env);
  const { misspelt, files, folders } = read;
  const refused = (problems: readonly Problem[]): LoadResult => ({ ok: false, problems, files, folders });
  const [main, ...included] = read.sources.map(withoutEmptySections);
  if (main === undefined) return refused(misspelt);

  const merged = merge(main, included);
  const report = new Report(merged.sourceOf);
  tellRemarks([main, ...included], report);
  if (!isBranch(main.tree)) {
    report.error([], `the file ${main.tree === null ? 'is empty' : noSections}`, 'start with network:');
  }
  // Of what a file would have held that cannot be read, everything else would be told to be missing.
  if (!read.complete || !isBranch(main.tree)) return refused([...misspelt, ...report.problems(files)]);

  tellTwice(merged, report);
  const { tree } = merged;
  const given = givenBy(tree);
  const sections = parseSections(main, included, given, report);
  checkNames(tree, report);
  checkTelephoneNumbers(tree, given, report);
  checkHeldNumbers(tree, given, clashes, report);
  checkMenus(tree, report);
  checkAttributes(tree, report);
  checkTokens(tree, report);
  for (const source of [main, ...included]) await checkPrompts(source, report.within(source));
  if (sections === null || report.failed) return refused(report.problems(files));

  const config = assemble({ file, files, folders }, sections, given);
  warn(config, tree, report);
  const told = report.problems(files);
  if (told.some(({ severity }) => severity === 'error')) return refused(told);
  return { ok: true, config, problems: told };
}

const noSections = 'does not hold a map of sections';

/** What was said when the files were read. */
function tellRemarks(sources: readonly Source[], report: Report): void {
  for (const source of sources) {
    const own = report.within(source);
    for (const { severity, path, message, hint, where } of source.remarks) {
      if (severity === 'error') own.error(path, message, hint, where);
      else own.warning(path, message, hint, where);
    }
  }
}

/** A section whose entries were all commented out is as good as not there. */
function withoutEmptySections(source: Source): Source {
  if (!isBranch(source.tree)) return source;
  const kept = Object.entries(source.tree).filter(([, section]) => section !== null);
  const tree = Object.assign(newBranch(), Object.fromEntries(kept));
  return { ...source, tree };
}

function givenBy(tree: Tree): GivenEverywhere {
  const country = parseCountry(textAt(tree, ['network', 'country']) ?? '');
  const currency = parseCurrency(textAt(tree, ['network', 'currency']) ?? '');
  return {
    country: country.ok ? country.value : null,
    // Any currency will do to read amounts by, where the one written is wrong: nothing is built of them.
    currency: currency.ok ? currency.value : { code: 'the currency', minorDigits: 6 },
  };
}
