import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeWav } from '../../src/phone/wav.ts';
import { embeddedEngine, engineSection } from './engines.ts';
import { sine } from './tone.ts';

/** What a suite says of its switch; everything else has a default fit for calls of a second. In the words of the config. */
export interface SwitchSetup {
  /** By id; each gets a trunk of its own, `<id>-pbx`, on a port of its own. */
  buyers: Readonly<Record<string, Entry>>;
  /** By id; each gets a tracking number of its own. */
  campaigns: Readonly<Record<string, Entry & { routing?: Entry }>>;
  ivrs?: Readonly<Record<string, unknown>>;
  carriers?: Readonly<Record<string, unknown>>;
  limits?: Entry;
  http?: Entry;
  /** Where the records are; embedded unless given. */
  database?: string;
  /** What speaks SIP and RTP; what the environment names, else embedded, unless given. */
  engine?: Entry | 'embedded';
  /** The memory for `tollbridge trace`. */
  trace?: Entry;
  log?: Entry;
  /** A module that is loaded into the process before the switch is. */
  preload?: URL;
  /** What else the network says of itself. */
  network?: Entry;
  /** What else the publisher says, whose numbers all of them are. */
  publisher?: Entry;
  /** What else a buyer's trunk has, by buyer. */
  trunks?: Readonly<Record<string, Entry>>;
}

type Entry = Readonly<Record<string, unknown>>;

/** Hz. Prompts are tones, each found again in the RTP by its own; 20 ms of any of them is whole periods. */
export const tones = {
  menu: 700,
  zip: 900,
  whisper: 1100,
  noBuyer: 1300,
  caller: 1600,
  buyer: 2000,
} as const;

/** The American ringing tone, `ringback: us`. */
export const ringback = [440, 480] as const;

/** The tracking number of the campaign that stands at this place in the setup. */
export function trackingNumber(place: number): string {
  return `+1800555${String(100 + place).padStart(4, '0')}`;
}

/** Writes config and prompts into `directory`. */
export async function writeSwitchConfig(
  directory: string,
  setup: SwitchSetup,
  at: { sip: number; http: number; trunks: ReadonlyMap<string, number> },
): Promise<string> {
  const prompts = join(directory, 'prompts');
  await mkdir(prompts, { recursive: true });
  await Promise.all([
    writeFile(join(prompts, 'menu.wav'), writeWav(sine(tones.menu, 800))),
    writeFile(join(prompts, 'zip.wav'), writeWav(sine(tones.zip, 800))),
    writeFile(join(prompts, 'whisper.wav'), writeWav(sine(tones.whisper, 400))),
    writeFile(join(prompts, 'no-buyer.wav'), writeWav(sine(tones.noBuyer, 600))),
  ]);
  const file = join(directory, 'tollbridge.yaml');
  await writeFile(file, stringify(switchConfig(setup, at)));
  return file;
}

function switchConfig(
  setup: SwitchSetup,
  at: { sip: number; http: number; trunks: ReadonlyMap<string, number> },
): Entry {
  const campaigns = Object.keys(setup.campaigns);
  return {
    network: {
      ...{ name: 'Test', country: 'US', timezone: 'America/New_York', currency: 'USD' },
      ...setup.network,
    },
    engine: setup.engine === 'embedded' ? embeddedEngine(at.sip) : (setup.engine ?? engineSection(at.sip)),
    data: 'data',
    database: setup.database ?? 'embedded',
    http: { listen: `127.0.0.1:${at.http}`, ...setup.http },
    ...(setup.trace && { trace: setup.trace }),
    ...(setup.log && { log: setup.log }),
    limits: { max_calls: 500, max_call: '2m', drain: '5s', ...setup.limits },
    carriers: setup.carriers ?? { voxlink: { from: ['127.0.0.0/8'] } },
    pools: {
      'us-toll-free': {
        carrier: Object.keys(setup.carriers ?? { voxlink: {} })[0],
        numbers: ['+18005550100-0199'],
        cool_off: '30d',
      },
    },
    trunks: Object.fromEntries(
      [...at.trunks].map(([buyer, port]) => [
        `${buyer}-pbx`,
        { uri: `sip:127.0.0.1:${port}`, ...setup.trunks?.[buyer] },
      ]),
    ),
    buyers: Object.fromEntries(
      Object.entries(setup.buyers).map(([id, buyer], place) => [
        id,
        {
          name: id,
          trunk: `${id}-pbx`,
          dial: `+1214555${String(200 + place).padStart(4, '0')}`,
          hours: 'always',
          revenue: [{ pays: '45.00', when: { connected: '>= 1s' } }],
          ...buyer,
        },
      ]),
    ),
    ivrs: setup.ivrs ?? {},
    campaigns: Object.fromEntries(
      Object.entries(setup.campaigns).map(([id, campaign]) => [
        id,
        {
          name: id,
          pool: 'us-toll-free',
          payout: [{ pays: '30.00', when: { connected: '>= 1s' } }],
          ...campaign,
          routing: {
            strategy: 'priority',
            ring: '5s',
            attempts: 3,
            give_up: '20s',
            ringback: 'us',
            no_buyer: { play: 'prompts/no-buyer.wav' },
            ...campaign.routing,
          },
        },
      ]),
    ),
    publishers: { clickwise: { name: 'Clickwise Media', ...setup.publisher } },
    numbers: Object.fromEntries(
      campaigns.map((campaign, place) => [
        trackingNumber(place),
        { campaign, publisher: 'clickwise', source: 'google-ads' },
      ]),
    ),
  };
}
