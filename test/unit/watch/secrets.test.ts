import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readConfig } from '../../../src/config/load.ts';
import { createEvents } from '../../../src/events.ts';
import { openLog } from '../../../src/logger.ts';

/** What an attacker, or who reads a log by right, must not find there; unlike anything that a message says by itself. */
const secret = fc.stringMatching(/^[A-Za-z0-9]{18,40}$/).map((text) => `Zq9${text}`);

const places = ['drachtio', 'freeswitch', 'http', 'database', 'trunk', 'buyer', 'webhook'] as const;
/** What somebody gets wrong beside a secret, or in it. */
const slips = ['none', 'misspelt', 'list', 'map', 'blank', 'short'] as const;
type Slip = (typeof slips)[number];

function slipped(key: string, value: string, slip: Slip): Record<string, unknown> {
  if (slip === 'misspelt') return { [`${key}x`]: value };
  if (slip === 'list') return { [key]: [value] };
  if (slip === 'map') return { [key]: { [key]: value } };
  if (slip === 'blank') return { [key]: ` ${value} ${value}` };
  return { [key]: slip === 'short' ? value.slice(0, 8) : value };
}

function configWith(
  secrets: Readonly<Record<(typeof places)[number], string>>,
  where: string,
  slip: Slip,
): string {
  const at = (place: (typeof places)[number], key: string) =>
    slipped(key, secrets[place], where === place ? slip : 'none');
  return stringify({
    network: {
      ...{ name: 'Acme', country: 'US', timezone: 'America/New_York', currency: 'USD' },
      webhooks: [{ url: 'https://example.com/hook', ...at('webhook', 'secret') }],
    },
    engine: {
      sip: { drachtio: at('drachtio', 'secret') },
      media: { freeswitch: [at('freeswitch', 'secret')] },
    },
    database:
      where === 'database' && slip !== 'none'
        ? `postgres//u:${secrets.database}@db`
        : `postgres://u:${secrets.database}@db/x`,
    http: at('http', 'token'),
    carriers: { voxlink: { from: ['127.0.0.1'] } },
    trunks: { pbx: { uri: 'sip:127.0.0.1:5090', auth: { username: 'acme', ...at('trunk', 'password') } } },
    buyers: {
      sunrise: { trunk: 'pbx', dial: '+12145550200', revenue: [{ pays: '45.00' }], ...at('buyer', 'token') },
    },
  });
}

test('whatever is wrong with a config, no secret of it is in a log line that tells of it', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(secret, secret, secret, secret, secret, secret, secret),
      fc.constantFrom(...places),
      fc.constantFrom(...slips),
      async (values, where, slip) => {
        const secrets = Object.fromEntries(
          places.map((place, index) => [place, values[index]!]),
        ) as Parameters<typeof configWith>[0];
        const { problems, ok } = await readConfig(
          '/acme/tollbridge.yaml',
          configWith(secrets, where, slip),
          {},
        );
        const written: string[] = [];
        const { logger } = openLog(
          { level: 'debug', numbers: 'full' },
          { write: (line) => void written.push(line) },
        );
        const events = createEvents(
          (level, event, fields) => logger[level]({ event, ...fields }),
          new Registry(),
        );
        events.configReloaded('file', { ok: false, config: '/acme/tollbridge.yaml', problems });
        expect(written).toHaveLength(1);
        if (!ok) refused++;
        for (const one of values) {
          for (const part of [one, one.slice(0, 8)])
            expect(written.join(), `${where} ${slip}`).not.toContain(part);
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(refused).toBeGreaterThan(10);
}, 120_000);
