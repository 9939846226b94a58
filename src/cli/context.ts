/** What the commands share: the config they run on, and how they answer people and programs. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import Table from 'cli-table3';
import { InvalidArgumentError, Option } from 'commander';
import type { Config, Problem } from '../config/config.ts';

/** Exit codes of every command. */
export const exit = { done: 0, refused: 1, wrongUsage: 2 } as const;

export interface ConfigOptions {
  readonly config?: string;
  readonly data?: string;
}

export const configOption = (): Option =>
  new Option('--config <file>', `the config (default: ${places.join(', else ')})`);
export const dataOption = (): Option =>
  new Option('--data <dir>', "data directory, in place of the config's and of TOLLBRIDGE_DATA");
export const jsonOption = (): Option => new Option('--json', 'answer as JSON');

/** The config that a command runs on, overrides applied. Where it has errors they are printed, and null is the answer. */
export async function loadedConfig(options: ConfigOptions): Promise<Config | null> {
  const [{ loadConfig }, { withOverrides }] = await Promise.all([
    import('../config/load.ts'),
    import('../config/overrides.ts'),
  ]);
  const file = configFile(options.config);
  const loaded = await loadConfig(file, process.env);
  if (loaded.problems.length > 0) printProblems(loaded.problems, process.stderr);
  if (!loaded.ok) {
    process.exitCode = exit.refused;
    return null;
  }
  const config = withOverrides(loaded.config, { data: options.data, env: process.env });
  if (config.ok) return config.value;
  refuse(config.message, config.hint);
  return null;
}

export function configFile(given: string | undefined): string {
  return given ?? places.find((place) => existsSync(place)) ?? places[0];
}

/** Says why a command did not do what it was asked; its exit code becomes 1. */
export function refuse(message: string, hint = ''): void {
  const paint = painter(process.stderr);
  process.stderr.write(`${paint('red', 'refused:')} ${message}\n${hint === '' ? '' : `  ${hint}\n`}`);
  process.exitCode = exit.refused;
}

export function printJson(value: unknown): void {
  const text = JSON.stringify(
    value,
    (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner),
    2,
  );
  process.stdout.write(`${text}\n`);
}

/** Without what would steer a terminal, or turn the direction of reading: texts of others may hold it. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '');

/** `null` is shown as a dash. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): void {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => row.map((cell) => (cell === null ? '–' : printable(String(cell))))));
  process.stdout.write(`${table.toString()}\n`);
}

/** `file:line:column: error: path: message`, as editors and terminals make links of it, with the way out below. */
export function printProblems(problems: readonly Problem[], stream: NodeJS.WriteStream): void {
  const paint = painter(stream);
  for (const { severity, file, path, line, column, message, hint } of problems) {
    const name = shortest(file);
    const place = line === null ? name : `${name}:${line}:${column ?? 1}`;
    const said = path === '' ? message : `${path}: ${message}`;
    const label = paint(severity === 'error' ? 'red' : 'yellow', `${severity}:`);
    stream.write(`${place}: ${label} ${said}\n${hint === '' ? '' : `    ${hint}\n`}`);
  }
}

/** For commander: a value read by `parse`, or wrong usage with what would be right. */
export const argument =
  <T>(parse: (text: string) => { ok: true; value: T } | { ok: false; message: string; hint: string }) =>
  (text: string): T => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    throw new InvalidArgumentError(`${parsed.message}: ${parsed.hint}`);
  };

/** Gathers an option that may be given several times. */
export const gather =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, parse(text)];

const places = ['tollbridge.yaml', 'config/tollbridge.yaml'] as const;

function shortest(file: string): string {
  const near = relative('', file);
  return near.length < file.length && !/(^|\/)\.{0,2}$/.test(near) ? near : file;
}

const colours = { red: 31, yellow: 33, green: 32 } as const;

/** Colours on a terminal only, and not where NO_COLOR asks for none. */
export function painter(stream: NodeJS.WriteStream): (colour: keyof typeof colours, text: string) => string {
  const coloured = stream.isTTY && (process.env.NO_COLOR ?? '') === '';
  return (colour, text) => (coloured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text);
}
