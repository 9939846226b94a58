/** The lint rules that keep the arrows of the house: each is broken here once, and must say so. */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const arrows = 'import-x/no-restricted-paths';
const packages = 'no-restricted-imports';
const later = 'no-restricted-syntax';
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => [arrows, packages, later].includes(ruleId),
  // None of the three asks for types, and the snippets are in no project.
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
});

/** The rules that a file with this text would break. */
async function broken(file: string, text: string): Promise<readonly string[]> {
  const results = await eslint.lintText(`${text};\n`, { filePath: resolve(root, file) });
  const messages = results.flatMap((result) => result.messages);
  expect(messages.filter((message) => message.fatal)).toEqual([]);
  return messages.map(({ ruleId }) => ruleId ?? '');
}

const importing = (from: string) => `import * as it from '${from}'; export const is = it`;

describe('a package is imported at its home only', () => {
  it.each([
    ['src/signalling/drachtio/snippet.ts', 'drachtio-srf', true],
    ['src/signalling/drachtio/snippet.ts', 'drachtio-fsmrf', false],
    ['src/signalling/drachtio/snippet.ts', 'pg', false],
    ['src/media/freeswitch/snippet.ts', 'drachtio-fsmrf', true],
    ['src/media/freeswitch/snippet.ts', 'drachtio-srf', false],
    ['src/media/freeswitch/snippet.ts', 'drachtio-srf/lib/dialog.js', false],
    ['src/media/freeswitch/snippet.ts', 'kysely', false],
    ['src/records/snippet.ts', 'kysely', true],
    ['src/records/loader/snippet.ts', 'pg', true],
    ['src/records/snippet.ts', 'drachtio-srf', false],
    ['src/publishers/snippet.ts', 'kysely', true],
    ['src/publishers/snippet.ts', 'drachtio-fsmrf', false],
    ['migrations/snippet.ts', 'kysely', true],
    ['migrations/snippet.ts', 'drachtio-srf', false],
    ['src/embedded/database/snippet.ts', 'pg', true],
    ['src/embedded/database/snippet.ts', 'kysely', false],
    ['src/embedded/database/snippet.ts', 'drachtio-srf', false],
    ['src/embedded/database/snippet.ts', 'drachtio-fsmrf', false],
    ['src/embedded/sip/snippet.ts', 'drachtio-srf', false],
    ['src/embedded/media/snippet.ts', 'drachtio-modesl', false],
    ['src/calls/snippet.ts', 'drachtio-srf', false],
    ['src/cli/snippet.ts', 'pg', false],
    ['src/http/snippet.ts', 'kysely', false],
    ['src/main.ts', 'kysely', false],
    ['src/webhooks/snippet.ts', 'kysely', false],
    // What only begins alike is another package.
    ['src/http/snippet.ts', 'pg-protocol', true],
  ])('%s: %s %s', async (file, name, allowed) => {
    expect(await broken(file, importing(name))).toEqual(allowed ? [] : [packages]);
    expect(await broken(file, `export const it = import('${name}')`)).toEqual(allowed ? [] : [later]);
  });
});

describe('arrows run one way', () => {
  it.each([
    ['src/routing/snippet.ts', '../conditions/condition.ts', true],
    ['src/routing/snippet.ts', '../calendar/period.ts', true],
    ['src/routing/snippet.ts', '../settlement/money.ts', false],
    ['src/routing/snippet.ts', '../log.ts', false],
    ['src/settlement/snippet.ts', '../calendar/period.ts', true],
    ['src/settlement/snippet.ts', '../routing/plan.ts', false],
    ['src/settlement/snippet.ts', '../deadline.ts', false],
    ['src/conditions/snippet.ts', '../config/config.ts', false],
    ['src/calendar/snippet.ts', '../routing/network.ts', false],
    ['src/calendar/snippet.ts', '../deadline.ts', false],
    ['src/records/snippet.ts', '../calendar/period.ts', true],
    ['src/records/snippet.ts', '../calls/call.ts', false],
    ['src/records/snippet.ts', '../events.ts', false],
    ['src/publishers/snippet.ts', '../routing/number.ts', true],
    ['src/publishers/snippet.ts', '../records/schema.ts', true],
    ['src/calls/counts/snippet.ts', '../call.ts', false],
    ['src/calls/counts/snippet.ts', './usage.ts', true],
    ['src/calls/trunks/snippet.ts', '../counts/usage.ts', false],
    ['src/calls/trunks/snippet.ts', '../../routing/network.ts', true],
    ['src/calls/snippet.ts', './trunks/trunks.ts', true],
    ['src/calls/snippet.ts', './shown/standing.ts', false],
    ['src/http/snippet.ts', '../calls/shown/standing.ts', true],
    ['src/publishers/snippet.ts', '../config/config.ts', false],
    ['src/publishers/snippet.ts', '../calls/call.ts', false],
    ['src/webhooks/snippet.ts', '../records/outbox/outbox.ts', true],
    ['src/webhooks/snippet.ts', '../deadline.ts', true],
    ['src/webhooks/snippet.ts', '../calls/call.ts', false],
    ['src/webhooks/snippet.ts', '../events.ts', false],
    ['src/records/snippet.ts', '../webhooks/dispatcher.ts', false],
    ['src/signalling/snippet.ts', '../media/media.ts', false],
    ['src/signalling/snippet.ts', '../deadline.ts', true],
    ['src/media/snippet.ts', '../embedded/media/server.ts', false],
    ['src/calls/snippet.ts', '../signalling/signalling.ts', true],
    ['src/calls/snippet.ts', '../events.ts', true],
    ['src/calls/snippet.ts', '../sdp/codecs.ts', true],
    ['src/embedded/media/snippet.ts', '../../sdp/payload-types.ts', true],
    ['src/signalling/snippet.ts', '../sdp/sdp-in-body.ts', true],
    ['src/records/snippet.ts', '../sdp/sdp-in-body.ts', false],
    ['src/sdp/snippet.ts', '../calls/call.ts', false],
    ['src/sdp/snippet.ts', '../log.ts', false],
    ['src/media/snippet.ts', '../dtmf-relay.ts', true],
    ['src/records/snippet.ts', '../dtmf-relay.ts', false],
    ['src/embedded/snippet.ts', '../message-of.ts', true],
    ['src/message-of.ts', './log.ts', false],
    ['src/calls/snippet.ts', '../main.ts', false],
    ['src/calls/snippet.ts', '../observing/gauges.ts', false],
    ['src/calls/snippet.ts', '../observing/metrics.ts', false],
    ['src/cli/snippet.ts', '../observing/metrics.ts', false],
    ['src/observing/snippet.ts', '../calls/call.ts', true],
    ['src/observing/snippet.ts', '../http/server.ts', false],
    ['src/observing/snippet.ts', '../main.ts', false],
    ['src/observing/snippet.ts', '../composition/counters.ts', false],
    ['src/composition/snippet.ts', '../calls/floor.ts', true],
    ['src/composition/snippet.ts', '../engines.ts', true],
    ['src/composition/snippet.ts', '../main.ts', false],
    ['src/composition/snippet.ts', '../embedded/sip/worker.ts', false],
    ['src/calls/snippet.ts', '../composition/counters.ts', false],
    ['src/http/snippet.ts', '../composition/counters.ts', false],
    ['src/cli/snippet.ts', '../composition/current-config.ts', false],
    ['src/main.ts', './composition/counters.ts', true],
    ['src/calls/snippet.ts', '../phone/phone.ts', false],
    ['src/calls/snippet.ts', '../embedded/sip/server.ts', false],
    ['src/http/snippet.ts', '../routing/plan.ts', false],
    ['src/embedded/sip/snippet.ts', '../../signalling/signalling.ts', false],
    ['src/phone/snippet.ts', '../engines.ts', true],
    ['src/phone/snippet.ts', '../main.ts', false],
    ['src/demo/snippet.ts', '../engines.ts', false],
    ['src/cli/snippet.ts', '../records/open-records.ts', true],
    ['src/cli/snippet.ts', '../phone/phone.ts', true],
    ['src/cli/snippet.ts', '../embedded/database/database.ts', true],
    ['src/cli/snippet.ts', '../embedded/database/cluster.ts', false],
    ['src/cli/snippet.ts', '../embedded/sip/server.ts', false],
    ['src/cli/snippet.ts', '../main.ts', false],
    ['src/cli/snippet.ts', '../demo/cast.ts', false],
    ['src/cli/serve.ts', '../main.ts', true],
    ['src/main.ts', './embedded/database/database.ts', true],
    ['src/main.ts', './cli/context.ts', false],
    ['src/engines.ts', './embedded/sip/worker.ts', true],
    ['src/observing/snippet.ts', '../embedded/sip/worker.ts', false],
    ['src/events.ts', './embedded/sip/worker.ts', false],
    ['src/events.ts', './demo/cast.ts', false],
    ['src/log.ts', './deadline.ts', false],
    ['migrations/snippet.ts', '../src/records/schema.ts', false],
  ])('%s: %s %s', async (file, name, allowed) => {
    expect(await broken(file, importing(name))).toEqual(allowed ? [] : [arrows]);
    expect(await broken(file, `export const it = import('${name}')`)).toEqual(allowed ? [] : [arrows]);
  });
});
