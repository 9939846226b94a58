/** What changes for whom, in words; the cases stand in diff.txt. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffConfigs } from '../../../src/config/diff/diff-configs.ts';
import { readConfig } from '../../../src/config/load.ts';
import { base as one, changed, configFolder } from './support.ts';

/** The base with names for its people, a second buyer and a second publisher. */
const named = changed('  sunrise:\n', '  sunrise:\n    name: Sunrise\n', `# a comment\n# base:\n${one}`);
const twoBuyers = changed(
  '\nivrs:',
  '\n  helio: { name: Helio, trunk: sunrise-pbx, dial: "+13125550122", concurrency: 2 }\nivrs:',
  named,
);
const routed = changed('{ buyer: sunrise }', '{ buyer: sunrise }, { buyer: helio }', twoBuyers);
const base = changed('\nnumbers:', '\n  homeleads: {}\nnumbers:', routed).concat(
  '  "+18005550102": { campaign: solar, publisher: homeleads }\n',
);

const [, ...blocks] = readFileSync(new URL('diff.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split(/\n\n/);
const cases = blocks.map((block) => {
  const [change = '', ...told] = block.split('\n');
  return { change, told: told.map((line) => line.trim()) };
});

async function changes(before: string, after: string) {
  const file = join(configFolder(), 'tollbridge.yaml');
  const [was, is] = [await readConfig(file, before, {}), await readConfig(file, after, {})];
  if (!was.ok || !is.ok) throw new Error(JSON.stringify([...was.problems, ...is.problems], null, 2));
  return diffConfigs(was.config, is.config);
}

const unescape = (text: string): string => text.replaceAll('\\n', '\n');

describe('what is told', () => {
  test.each(cases)('$change', async ({ change, told }) => {
    const after = change.split(' & ').reduce((text, one) => {
      const [from = '', to = ''] = one.split(' ⇒ ').map(unescape);
      return changed(from, to, text);
    }, base);
    expect((await changes(base, after)).map(({ text }) => text)).toEqual(told);
    // What came goes, when read the other way round.
    expect((await changes(after, base)).length > 0).toBe(told.length > 0);
  });
});

test('names come with their kind and the name in the config', async () => {
  expect(await changes(base, changed('concurrency: 2', 'concurrency: 1', base))).toEqual([
    { about: 'buyer', id: 'helio', text: 'Helio takes 1 call at once instead of 2 calls at once' },
  ]);
  const [gone] = await changes(twoBuyers, named);
  expect(gone).toEqual({ about: 'buyer', id: 'helio', text: 'Helio is gone' });
});

test('what is another about a webhook is told, never its secret or what its URL may hold', async () => {
  const key = (letter: string) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`;
  const hook = (given: string) =>
    changed(
      'homeleads: {}',
      `homeleads: { webhooks: [ { url: "https://a.example/?key=hunter2", ${given} } ] }`,
      base,
    );
  const before = hook(`secret: ${key('a')}`);
  const after = hook(
    `secret: ${key('b')}, events: [ call.ended ], caller: full, attributes: [ caller.state ]`,
  );
  const told = (await changes(before, after)).map(({ text }) => text);
  expect(told).toEqual([
    'homeleads is told of call.ended instead of call.started, call.connected, call.ended, call.settled and call.corrected at a.example',
    'homeleads is told whole numbers at a.example',
    'homeleads is told caller.state at a.example',
    'homeleads has another secret at a.example',
  ]);
  const moved = before.replace('?key=hunter2', '?key=hunter3');
  expect((await changes(before, moved)).map(({ text }) => text)).toEqual([
    'homeleads is told nothing more at a.example',
    'homeleads is told of call.started, call.connected, call.ended, call.settled and call.corrected at a.example',
  ]);
});

test('no secret is told', async () => {
  const secrets =
    'http: { token: hunter2 }\ndatabase: "postgres://u:hunter2@db/x"\nengine: { sip: { drachtio: { secret: hunter2 } } }\ncarriers:';
  const bid = 'concurrency: 2, bid: { url: "https://a/?key=hunter2" }';
  let after = changed('\ncarriers:', `\n${secrets}`, base);
  after = changed('concurrency: 2', bid, after);
  after = changed(
    '"sip:127.0.0.1:5091" }',
    '"sip:127.0.0.1:5091", auth: { username: a, password: hunter2 } }',
    after,
  );
  after = changed('name: Sunrise\n', 'name: Sunrise\n    token: "hunter2-0123456789abcdef"\n', after);
  expect(JSON.stringify(await changes(base, after))).not.toContain('hunter2');
  expect(JSON.stringify(await changes(after, after.replaceAll('hunter2', 'hunter3')))).not.toContain(
    'hunter',
  );
});
