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

  it.each(['record_session', 'record'])('that %s cannot start is told as such', async (application) => {
    const { endpoint } = await stage.endpoint();
    const event = await endpoint.execute(application, join(beside, 'no.wav'));
    expect(event.getHeader('Application-Response')).toBe('-ERR Cannot record session!');
    expect(refusals()).toEqual(['not in the folder for recordings']);
    const path = join(folder, 'yes.wav');
    const started = await endpoint.execute('record_session', path);
    expect(started.getHeader('Application-Response')).toBe('_none_');
    expect(await start(endpoint, path)).toBe('-ERR Cannot record session!\n');
    expect(stage.media.stats().recordings).toBe(1);
  });

  it('may have blanks in its path: all of the argument is the path, or what stands in quotes', async () => {
    const { endpoint } = await stage.endpoint();
    const [one, other] = [join(folder, 'of one +1 call.wav'), join(folder, 'of another.wav')];
    await endpoint.execute('record_session', one);
    expect(await start(endpoint, `'${other}'`)).toBe('+OK Success\n');
    expect(stage.media.stats().recordings).toBe(2);
    const stop = async (path: string) =>
      (await endpoint.api('uuid_record', [endpoint.uuid, 'stop', path])).getBody();
    expect(await stop(`'${other}'`)).toBe('+OK Success\n');
    expect(await stop(`'${other}'`)).toBe('-ERR Cannot stop record session!\n');
    await endpoint.execute('stop_record_session', one);
    expect(stage.media.stats().recordings).toBe(0);
    expect([one, other].map((path) => existsSync(path))).toEqual([true, true]);
  });

  it('stops by itself at its limit', async () => {
    const { endpoint } = await stage.endpoint();
    const [one, other] = [join(folder, 'a second.wav'), join(folder, 'another.wav')];
    await endpoint.execute('record_session', `${one} +1`);
    expect(await start(endpoint, `'${other}' 1`)).toBe('+OK Success\n');
    expect(stage.media.stats().recordings).toBe(2);
    await expect.poll(() => stage.media.stats().recordings, { timeout: 5000 }).toBe(0);
    for (const path of [one, other])
      await expect.poll(() => readFileSync(path).readUInt32LE(40)).toBe(2 * 8000);
  });

  it('wants to be told what to do, to whom and where', async () => {
    const { endpoint } = await stage.endpoint();
    const said = async (...words: string[]) => (await endpoint.api('uuid_record', words)).getBody();
    expect(await said(endpoint.uuid, 'start')).toMatch(/^-USAGE/);
    expect(await said(endpoint.uuid, 'dance', join(folder, 'a.wav'))).toMatch(/^-USAGE/);
    expect(await said(endpoint.uuid, 'start', join(folder, 'a.wav'), 'long')).toMatch(/^-USAGE/);
    expect(await said('nobody', 'start', join(folder, 'a.wav'))).toBe('-ERR Cannot locate session!\n');
    expect(existsSync(folder)).toBe(false);
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
