import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Config, Problem } from '../../../src/config/config.ts';
import { readConfig } from '../../../src/config/load.ts';

/** A small network with one of everything; each line is where the tests expect it. */
export const base = `network: { name: Test, country: US, timezone: America/New_York, currency: USD }
carriers:
  voxlink: { from: [ 127.0.0.0/8 ] }
pools:
  toll-free: { carrier: voxlink, numbers: [ "+18005550100-0109" ] }
trunks:
  sunrise-pbx: { uri: "sip:127.0.0.1:5091" }
buyers:
  sunrise:
    trunk: sunrise-pbx
    dial: "+12145550111"
    hours: { mon-fri: [ 08:00-18:00 ] }
    caps: [ { count: connected, limit: 40, per: day } ]
    accepts: { caller.state: TX, ivr.homeowner: yes }
    whisper: whisper.wav
    revenue: [ { pays: 45.00, when: { connected: ">= 90s" } } ]
ivrs:
  solar:
    start: homeowner
    steps:
      homeowner:
        menu: { play: menu.wav, choices: { 1: { set: { homeowner: yes }, go: zip } } }
        otherwise: hangup
      zip: { gather: { play: menu.wav, digits: 5, into: zip } }
campaigns:
  solar:
    pool: toll-free
    ivr: solar
    routing: { routes: [ { buyer: sunrise } ] }
    payout: [ { pays: 60%, when: { ivr.zip: 75001 } } ]
publishers:
  clickwise: { payout: { solar: [ { pays: 30.00 } ] } }
numbers:
  "+18005550100": { campaign: solar, publisher: clickwise }
`;

/** The base with one piece of its text changed; fails where the piece is not there exactly once. */
export function changed(from: string, to: string, text = base): string {
  if (text.split(from).length !== 2) throw new Error(`"${from}" stands not once in the base`);
  return text.replace(from, () => to);
}

/** A folder with the prompts that the base names. */
export function configFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tollbridge-config-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const name of ['menu.wav', 'whisper.wav']) writeFileSync(join(dir, name), wave());
  mkdirSync(join(dir, 'folder'));
  return dir;
}

export async function problemsOf(
  text: string,
  env: Record<string, string> = {},
): Promise<readonly Problem[]> {
  return (await readConfig(join(configFolder(), 'tollbridge.yaml'), text, env)).problems;
}

export async function configOf(text: string, env: Record<string, string> = {}): Promise<Config> {
  const result = await readConfig(join(configFolder(), 'tollbridge.yaml'), text, env);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.config;
}

interface Format {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly data?: number;
}

/** A WAV file: by default a tenth of a second of 8 kHz mono PCM silence. */
export function wave({ tag = 1, channels = 1, rate = 8_000, bits = 16, data = 1_600 }: Format = {}): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data, 40);
  return Buffer.concat([head, Buffer.alloc(data)]);
}
