import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Mrf from 'drachtio-fsmrf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseWav } from '../../src/embedded/media/playback/wav.ts';
import { dominant, loudness, sine } from '../support/tone.ts';
import { MediaStage } from './support/media-stage.ts';

let stage: MediaStage;
/** A folder, the folder for recordings in it, and one beside that. */
let root: string;
let folder: string;
let beside: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tollbridge-recording-'));
  [folder, beside] = [join(root, 'recordings'), join(root, 'beside')];
  mkdirSync(beside);
  stage = await MediaStage.open({ recordings: folder });
});
afterEach(async () => {
  await stage.close();
  rmSync(root, { recursive: true });
});

const refusals = () =>
  stage.log.filter(({ event }) => event === 'media.cannot_record').map(({ fields }) => fields['reason']);

async function start(endpoint: Mrf.MrfEndpoint, path: string): Promise<string> {
  return (await endpoint.api('uuid_record', [endpoint.uuid, 'start', path])).getBody();
}

describe('a recording', () => {
  it('holds both directions, left and right, and is whole once it is stopped', async () => {
    const path = join(folder, 'deep', 'session.wav');
    const [one, other] = [await stage.endpoint(), await stage.endpoint({ codec: 'PCMA' })];
    await one.endpoint.execute('set', 'RECORD_STEREO=true');
    await one.endpoint.execute('record_session', path);
    await one.endpoint.bridge(other.endpoint);
    one.peer.sayAlways(sine(600, 1000));
    other.peer.sayAlways(sine(900, 1000));
    await Promise.all([
      one.peer.heard({ freq: 900, forMs: 800 }),
      other.peer.heard({ freq: 600, forMs: 800 }),
    ]);
    await one.endpoint.execute('stop_record_session', path);
    const file = readFileSync(path);
    expect([file.readUInt16LE(22), file.readUInt32LE(40)]).toEqual([2, file.length - 44]);
    const samples = new Int16Array(file.buffer, file.byteOffset + 44, (file.length - 44) / 2);
    const middle = samples.length - (samples.length % 2) - 2 * 4800;
    const track = (side: 0 | 1) => samples.filter((_, n) => n >= middle && n % 2 === side);
    expect([dominant(track(0)), dominant(track(1))]).toEqual([600, 900]);
  });

  it('is whole when the channel ends, mixed into one track unless asked otherwise', async () => {
    const path = join(folder, 'mixed.wav');
    const { endpoint, peer } = await stage.endpoint();
    await endpoint.execute('record_session', path);
    peer.sayAlways(sine(600, 1000));
    await endpoint.execute('playback', 'tone_stream://%(600,0,900)');
    await endpoint.destroy();
    await stage.released();
    const parsed = parseWav(readFileSync(path));
    if ('wrong' in parsed) expect.fail(parsed.wrong);
    const samples = new Int16Array(Uint8Array.from(parsed.data).buffer);
    expect(samples.length).toBeGreaterThan(4000);
    expect(loudness(samples)).toBeGreaterThan(1000);
  });

  it('is for nobody else to read, and neither are the folders made for it', async () => {
    const { endpoint } = await stage.endpoint();
    const path = join(folder, 'deep', 'private.wav');
    expect(await start(endpoint, path)).toBe('+OK Success\n');
    expect([statSync(path), statSync(join(folder, 'deep'))].map(({ mode }) => mode & 0o777)).toEqual([
      0o600, 0o700,
    ]);
  });

  it('lies in the folder for recordings, or is refused and logged', async () => {
    const { endpoint } = await stage.endpoint();
    mkdirSync(folder);
    symlinkSync(beside, join(folder, 'way-out'));
    const paths = [
      '/dev/null/impossible.wav',
      join(beside, 'session.wav'),
      `${folder}/../beside/session.wav`,
      join(folder, 'way-out', 'session.wav'),
      `${folder}-and-more/session.wav`,
      folder,
      'session.wav',
    ];
    for (const path of paths) expect(await start(endpoint, path)).toBe('-ERR Cannot record session!\n');
    expect(refusals()).toEqual([
      ...paths.slice(0, -1).map(() => 'not in the folder for recordings'),
      'not an absolute path',
    ]);
    expect(existsSync(join(beside, 'session.wav'))).toBe(false);
    expect(stage.media.stats()).toMatchObject({ recordings: 0, defects: 0 });
  });

  it('overwrites nothing, itself or by a link', async () => {
    const { endpoint } = await stage.endpoint();
    mkdirSync(folder);
    const [kept, link] = [join(folder, 'kept.wav'), join(folder, 'link.wav')];
    writeFileSync(kept, 'precious');
    symlinkSync(join(beside, 'target.wav'), link);
    for (const path of [kept, link])
      expect(await start(endpoint, path)).toBe('-ERR Cannot record session!\n');
    expect(readFileSync(kept, 'utf8')).toBe('precious');
    expect(existsSync(join(beside, 'target.wav'))).toBe(false);
    expect(refusals()).toEqual([expect.stringContaining('EEXIST'), expect.stringContaining('EEXIST')]);
  });
});
