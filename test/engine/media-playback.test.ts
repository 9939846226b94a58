import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, encode } from '../../src/embedded/media/g711.ts';
import { AudioLibrary } from '../../src/embedded/media/playback/library.ts';
import type { AudioSource } from '../../src/embedded/media/playback/source.ts';
import { parseWav, wavHeader } from '../../src/embedded/media/playback/wav.ts';
import { loudness, sine, toneLevel } from '../support/tone.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollbridge-playback-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const library = new AudioLibrary();

async function source(name: string): Promise<AudioSource> {
  const opened = await library.open(name, 'PCMU');
  if ('wrong' in opened) expect.fail(opened.wrong);
  return opened;
}

async function heard(name: string, frames = Infinity): Promise<Int16Array> {
  const opened = await source(name);
  const octets: number[] = [];
  const frame = new Uint8Array(160);
  while (octets.length < frames * 160 && opened.next(frame)) octets.push(...frame);
  const pcm = new Int16Array(octets.length);
  decode('PCMU', Uint8Array.from(octets), pcm);
  return pcm;
}

function file(name: string, header: Buffer, data: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([header, data]));
  return path;
}

const bytesOf = (pcm: Int16Array) => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);

describe('tones', () => {
  it('last as long as they say, at their level', async () => {
    const pcm = await heard('tone_stream://%(500,300,440)');
    expect(pcm).toHaveLength(6400);
    expect(toneLevel(pcm.subarray(0, 4000), 440)).toBeGreaterThan(0.99);
    expect(loudness(pcm.subarray(4000))).toBe(0);
    // -7 dBm0: a sine whose peak lies 10.14 dB under full scale.
    expect(loudness(pcm.subarray(0, 4000))).toBeCloseTo((32_767 * 10 ** (-10.14 / 20)) / Math.SQRT2, -2);
  });

  it('repeat, follow each other, sound together, at the volume asked for', async () => {
    expect(await heard('tone_stream://L=3;%(100,100,440)')).toHaveLength(4800);
    expect(await heard('tone_stream://%(100,0,440);%(200,100,500,600);loops=2')).toHaveLength(6400);
    expect(await heard('tone_stream://l=2;%(100,0,440);%(100,0,500)')).toHaveLength(2400);
    const dual = await heard('tone_stream://v=-10;%(400,0,350,440)');
    expect(toneLevel(dual, 350)).toBeCloseTo(0.5, 1);
    expect(toneLevel(dual, 440)).toBeCloseTo(0.5, 1);
    expect(await heard('tone_stream://%(100,100,440);loops=-1', 5000)).toHaveLength(800_000);
  });

  it.each(['', '%(100)', '%(a,b,c)', '%(100,100,440', 'L=x;%(1,1,1)', '%(999999,0,440)', 'rubbish'])(
    'says that %j is none',
    async (text) => {
      expect(await library.open(`tone_stream://${text}`, 'PCMU')).toHaveProperty('wrong');
    },
  );

  it('silence lasts as long as it says', async () => {
    expect(await heard('silence_stream://250,1400')).toHaveLength(2080);
    expect((await source('silence_stream://250')).played).toBe(0);
    expect(loudness(await heard('silence_stream://-1', 100))).toBe(0);
  });
});

describe('WAV files', () => {
  it.each(['PCM16', 'PCMU', 'PCMA'] as const)('of %s are heard as they are', async (encoding) => {
    const pcm = sine(700, 190);
    const octets = new Uint8Array(pcm.length);
    if (encoding !== 'PCM16') encode(encoding, pcm, octets);
    const data = encoding === 'PCM16' ? bytesOf(pcm) : octets;
    const header = wavHeader(1, data.length);
    if (encoding !== 'PCM16') {
      header.writeUInt16LE(encoding === 'PCMU' ? 7 : 6, 20);
      header.writeUInt16LE(8, 34);
    }
    const played = await heard(file(`${encoding}.wav`, header, data));
    const expected = new Uint8Array(pcm.length);
    encode('PCMU', pcm, expected);
    expect(played).toHaveLength(1600);
    expect(toneLevel(played.subarray(0, 1520), 700)).toBeGreaterThan(0.99);
    expect(loudness(played.subarray(1520))).toBe(0);
  });

  it('begin where @@ says, and follow each other in a file_string', async () => {
    const path = file('second.wav', wavHeader(1, 16_000), bytesOf(sine(500, 1000)));
    expect(await heard(`${path}@@4000`)).toHaveLength(4000);
    expect(await heard(`file_string://${path}!silence_stream://100!${path}`)).toHaveLength(16_800);
  });

  it('are read anew when they have changed', async () => {
    const path = file('changing.wav', wavHeader(1, 320), new Uint8Array(320));
    expect(await heard(path)).toHaveLength(160);
    file('changing.wav', wavHeader(1, 640), new Uint8Array(640));
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    expect(await heard(path)).toHaveLength(320);
  });

  it('that cannot be carried are refused in words that say what would be right', async () => {
    const wide = wavHeader(1, 320);
    wide.writeUInt32LE(16_000, 24);
    const stereo = wavHeader(2, 320);
    for (const [name, header] of [
      ['wide.wav', wide],
      ['stereo.wav', stereo],
    ] as const) {
      const opened = await library.open(file(name, header, new Uint8Array(320)), 'PCMU');
      expect(opened).toMatchObject({ wrong: expect.stringContaining('mono, 8000 Hz') });
    }
    for (const name of ['relative.wav', join(folder, 'missing.wav'), 'http://x/y.wav', 'shout://x'])
      expect(await library.open(name, 'PCMU'), name).toHaveProperty('wrong');
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['no RIFF', Buffer.from('not a wav file, really not one')],
    ['cut in its format', wavHeader(1, 320).subarray(0, 30)],
    ['cut before its data', wavHeader(1, 320).subarray(0, 36)],
  ])('%s is refused', (_what, data) => {
    expect(parseWav(Buffer.from(data))).toHaveProperty('wrong');
  });

  it('whose length was never written are heard to their end', () => {
    const parsed = parseWav(Buffer.concat([wavHeader(1, 0xffff_ffff - 36), Buffer.alloc(320)]));
    expect(parsed).toMatchObject({ encoding: 'PCM16', data: { length: 320 } });
  });
});
