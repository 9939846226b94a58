/**
 * FreeSWITCH's tone language, as far as a switch plays it: `[L=n;][v=dB;][l=n;]%(on,off,f1[,f2…])[;%(…)][;loops=n]`.
 * on and off in ms; `v` in dBm0, for the tones after it; `l` repeats the next tone, `L` and `loops` the whole; -1 is for ever.
 */
export interface Tones {
  readonly segments: readonly {
    onMs: number;
    offMs: number;
    freqs: readonly number[];
    levelDbm0: number;
    times: number;
  }[];
  /** Infinity for an endless stream. */
  readonly loops: number;
}

const rate = 8000;
const defaultLevel = -7;
/** A sine of full scale is 3.14 dB above 0 dBm0 (ITU-T G.711, table 5). */
const fullScaleDbm0 = 3.14;
const greatestMs = 60_000;
const greatestRepeats = 1000;

/** Parses what follows `tone_stream://`; otherwise says which part was not understood. */
export function parseTones(text: string): Tones | { readonly wrong: string } {
  const segments: { onMs: number; offMs: number; freqs: number[]; levelDbm0: number; times: number }[] = [];
  let [loops, times, levelDbm0] = [1, 1, defaultLevel];
  for (const part of text.split(';').map((one) => one.trim())) {
    if (part === '') continue;
    const setting = /^(L|l|loops|v|r|c)=(-?\d+(?:\.\d+)?)$/.exec(part);
    const tone = /^%\(([^)]*)\)$/.exec(part)?.[1];
    if (setting !== null) {
      const value = Number(setting[2]);
      if (setting[1] === 'L' || setting[1] === 'loops') loops = value < 0 ? Infinity : value;
      else if (setting[1] === 'l') times = value;
      else if (setting[1] === 'v') levelDbm0 = value;
      // The rate and the channels are those of the call.
      continue;
    }
    const [onMs, offMs, ...freqs] = (tone ?? '').split(',').map(Number);
    const isTone = onMs !== undefined && offMs !== undefined && freqs.length > 0;
    if (!isTone || ![onMs, offMs, ...freqs].every((one) => one >= 0 && one <= greatestMs))
      return { wrong: part };
    if (!(times >= 1 && times <= greatestRepeats)) return { wrong: `l=${times}` };
    segments.push({ onMs, offMs, freqs, levelDbm0, times });
    times = 1;
  }
  return segments.length === 0 ? { wrong: text } : { segments, loops };
}

/** One round of the tones, in linear PCM. */
export function renderTones(tones: Tones): Int16Array {
  const pieces = tones.segments.flatMap((segment) =>
    Array.from({ length: segment.times }, () => renderSegment(segment)),
  );
  const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    pcm.set(piece, at);
    at += piece.length;
  }
  return pcm;
}

function renderSegment({ onMs, offMs, freqs, levelDbm0 }: Tones['segments'][number]): Int16Array {
  const on = samples(onMs);
  const pcm = new Int16Array(on + samples(offMs));
  const peak = 32_767 * 10 ** ((levelDbm0 - fullScaleDbm0) / 20);
  for (let n = 0; n < on; n++) {
    let sum = 0;
    for (const freq of freqs) sum += peak * Math.sin((2 * Math.PI * freq * n) / rate);
    pcm[n] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return pcm;
}

function samples(ms: number): number {
  return Math.round((ms * rate) / 1000);
}
