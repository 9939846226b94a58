/** Tones to send and to find again, in linear PCM at 8000 samples a second. */
const rate = 8000;

/** The sum of sines at `freqs` Hz for `ms`; the peak of the sum never passes `amplitude` (0 to 32767). */
export function sine(freqs: number | readonly number[], ms: number, amplitude = 8000): Int16Array {
  const all = typeof freqs === 'number' ? [freqs] : freqs;
  const each = amplitude / Math.max(1, all.length);
  return Int16Array.from({ length: Math.round((ms * rate) / 1000) }, (_, n) =>
    Math.round(all.reduce((sum, freq) => sum + each * Math.sin((2 * Math.PI * freq * n) / rate), 0)),
  );
}

export function silence(ms: number): Int16Array {
  return new Int16Array(Math.round((ms * rate) / 1000));
}

/**
 * The share of the signal's power that lies at `freq`, by Goertzel: about 1 for that tone alone, 0.5 for one of two equal tones,
 * 0 for silence and for other tones. The resolution is `8000 / pcm.length` Hz: give it 20 ms or more.
 */
export function toneLevel(pcm: Int16Array, freq: number): number {
  const total = pcm.reduce((sum, sample) => sum + sample * sample, 0);
  if (total < 100 * pcm.length) return 0;
  return Math.min(1, (2 * goertzel(pcm, freq)) / (pcm.length * total));
}

/** The frequency, to 10 Hz, that holds most of the signal's power; undefined for silence. */
export function dominant(pcm: Int16Array): number | undefined {
  let best: { freq: number; level: number } | undefined;
  for (let freq = 50; freq < rate / 2; freq += 10) {
    const level = toneLevel(pcm, freq);
    if (level > (best?.level ?? 0)) best = { freq, level };
  }
  return best?.freq;
}

/** Root mean square of the samples: 0 for silence, 23170 for a full-scale sine. */
export function loudness(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, pcm.length));
}

function goertzel(pcm: Int16Array, freq: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * freq) / rate);
  let [last, before] = [0, 0];
  for (const sample of pcm) [last, before] = [sample + turn * last - before, last];
  return last * last + before * before - turn * last * before;
}
