import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/phone/hearing.ts';
import { readWav, writeWav } from '../../src/phone/wav.ts';
import { silence, sine } from '../support/tone.ts';

describe('what the phone hears', () => {
  it('tells a tone, its frequency and silence apart', () => {
    const heard = listen(join(silence(400), sine(1000, 640), silence(200)));
    expect(heard).toMatchObject({ seconds: 1.24, speech: 0, tone: 0.64, silence: 0.56 });
    expect(heard.loudestTone).toBeGreaterThan(990);
    expect(heard.loudestTone).toBeLessThan(1010);
    expect(heard.stretches.map((one) => one.kind)).toEqual(['silence', 'tone', 'silence']);
  });

  it('knows the American ringing tone by its two frequencies', () => {
    const { stretches } = listen(join(silence(120), sine([440, 480], 2000), silence(120)));
    expect(stretches.map((one) => one.kind)).toEqual(['silence', 'tone', 'silence']);
    const [low, high] = stretches[1]!.frequencies;
    expect(low).toBeGreaterThan(425);
    expect(low).toBeLessThan(455);
    expect(high).toBeGreaterThan(465);
    expect(high).toBeLessThan(495);
  });

  it('names the louder of two tones heard one after the other', () => {
    const heard = listen(join(sine(600, 400, 2000), sine(1500, 400, 12_000)));
    expect(Math.abs(heard.loudestTone! - 1500)).toBeLessThan(15);
  });

  it.each(['prompts/solar-homeowner', 'prompts/no-buyer', 'voices/caller-ann', 'voices/buyer-helio'])(
    'hears %s as speech',
    async (name) => {
      const heard = listen(readWav(await readFile(`config/${name}.wav`)));
      expect(heard.speech).toBeGreaterThan(heard.seconds * 0.6);
      expect(heard.tone).toBeLessThan(heard.seconds * 0.1);
    },
  );
});

describe('a recording', () => {
  const tone = sine(500, 100);

  it('is read back as it was written', () => {
    expect(readWav(writeWav(tone))).toEqual(tone);
  });

  it('is read while it grows, whatever its header says of its length', () => {
    const growing = writeWav(tone);
    growing.writeUInt32LE(0, 40);
    expect(readWav(growing.subarray(0, 44 + 321))).toEqual(tone.subarray(0, 160));
    expect(readWav(growing.subarray(0, 10))).toHaveLength(0);
  });

  it('of both directions is read on the side of the far end: the left', () => {
    const both = writeWav(Int16Array.from([...tone].flatMap((sample) => [sample, 7])));
    both.writeUInt16LE(2, 22);
    expect(readWav(both)).toEqual(tone);
  });

  it('in another format is refused by name', () => {
    const wide = writeWav(tone);
    wide.writeUInt32LE(16_000, 24);
    expect(() => readWav(wide)).toThrow(/16000 Hz/);
  });
});

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}
