/** The docs are finished, and what they name is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const inDocs = readdirSync(join(root, 'docs'), { recursive: true }).map((name) => join('docs', String(name)));
const files = ['README.md', 'CHANGELOG.md', 'docker/README.md', ...inDocs].filter((name) =>
  name.endsWith('.md'),
);

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');

  test('has no place left to be filled in', () => {
    expect(text.match(/\b(?:TODO|TBD|FIXME|XXX)\b/g)).toBeNull();
    // Of decisions a word in capitals may be a command of SQL's.
    if (file.startsWith('docs/adr/')) return;
    const cells = text.split('\n').flatMap((line) => (line.startsWith('|') ? line.split('|') : []));
    expect(cells.filter((cell) => /^\s*(?:[^:]*: )?[A-Z]{5,}\s*$/.test(cell))).toEqual([]);
  });

  test('links to what is there', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, to = '']) => to,
    );
    expect(links.filter((to) => !existsSync(join(root, dirname(file), to)))).toEqual([]);
  });
});

test('where things are: each file that is named is there', () => {
  const named = readFileSync(join(root, 'docs/house.md'), 'utf8').match(/\bsrc\/[\w/.-]*\w/g) ?? [];
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});
