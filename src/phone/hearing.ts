/**
 * What a piece of audio holds, as a person would put it: silence, a tone, or speech (any other sound).
 * Pure. Samples are linear 16-bit PCM at 8000 a second; times are seconds.
 */
import { spectrumOf, strongest } from './spectrum.ts';

export interface Stretch {
  readonly kind: 'silence' | 'tone' | 'speech';
  readonly from: number;
  readonly to: number;
  /** Hz, ascending; of a tone only. A ringing tone has two. */
  readonly frequencies: readonly number[];
}

export interface Heard {
  readonly seconds: number;
  readonly speech: number;
  readonly tone: number;
  readonly silence: number;
  /** The frequency that the loudest tone held most of its power at, in Hz; null where no tone was heard. */
  readonly loudestTone: number | null;
  readonly stretches: readonly Stretch[];
}

/** 80 ms: the shortest that tells the 440 Hz of a ringing tone from its 480 Hz. */
const frame = 640;
const frameSeconds = frame / 8000;
/** Root mean square below which a telephone is quiet: µ-law's idle noise is 8, whispering about 300. */
export const quiet = 100;
/** Voiced speech looks like a tone for a moment; a tone stays. */
const leastToneFrames = 4;

export function listen(samples: Int16Array): Heard {
  const frames = framesOf(samples).map(hearFrame);
  settleShortTones(frames);
  settleEdges(frames);
  const stretches = joinFrames(frames);
  const secondsOf = (kind: Stretch['kind']) =>
    round(stretches.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.to - one.from, 0));
  return {
    seconds: round(samples.length / 8000),
    speech: secondsOf('speech'),
    tone: secondsOf('tone'),
    silence: secondsOf('silence'),
    loudestTone: loudestTone(frames),
    stretches,
  };
}

/** Root mean square: 0 for silence, 23170 for a full-scale sine. */
export function loudness(samples: Int16Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return Math.sqrt(power / Math.max(1, samples.length));
}

interface FrameHeard {
  kind: Stretch['kind'];
  readonly loudness: number;
  /** Strongest first. */
  readonly frequencies: readonly number[];
}

function hearFrame(samples: Int16Array): FrameHeard {
  const level = loudness(samples);
  if (level < quiet) return { kind: 'silence', loudness: level, frequencies: [] };
  const peaks = strongest(spectrumOf(samples), 2);
  const held = peaks.reduce((sum, peak) => sum + peak.share, 0);
  // A partner that holds next to nothing is noise beside a single tone.
  const real = peaks.filter((peak) => peak.share > 0.1);
  return held >= 0.9
    ? { kind: 'tone', loudness: level, frequencies: real.map((peak) => peak.frequency) }
    : { kind: 'speech', loudness: level, frequencies: [] };
}

/** A tone is the same in each of several frames on end; what looked like one for less was speech. */
function settleShortTones(frames: FrameHeard[]): void {
  for (let start = 0; start < frames.length;) {
    let end = start + 1;
    while (end < frames.length && sameTone(frames[end - 1], frames[end])) end++;
    if (frames[start]?.kind === 'tone' && end - start < leastToneFrames)
      for (const one of frames.slice(start, end)) one.kind = 'speech';
    start = end;
  }
}

/** The frame in which a tone begins or ends holds a part of it, and of nothing else. */
function settleEdges(frames: FrameHeard[]): void {
  const kinds = ['silence', ...frames.map((one) => one.kind), 'silence'];
  frames.forEach((one, at) => {
    const around = [kinds[at], kinds[at + 2]];
    if (one.kind === 'speech' && around.includes('tone') && around.includes('silence')) one.kind = 'tone';
  });
}

function sameTone(one: FrameHeard | undefined, next: FrameHeard | undefined): boolean {
  if (one?.kind !== 'tone' || next?.kind !== 'tone') return false;
  return one.frequencies.every((frequency) =>
    next.frequencies.some((other) => Math.abs(other - frequency) <= 50),
  );
}

function joinFrames(frames: readonly FrameHeard[]): Stretch[] {
  const stretches: { kind: Stretch['kind']; from: number; to: number; frequencies: number[] }[] = [];
  frames.forEach((one, at) => {
    const last = stretches.at(-1);
    if (last?.kind === one.kind) last.to = round((at + 1) * frameSeconds);
    else
      stretches.push({
        kind: one.kind,
        from: round(at * frameSeconds),
        to: round((at + 1) * frameSeconds),
        frequencies: [],
      });
    // The frame in which a tone begins or ends tells less of it than those between.
    const open = stretches.at(-1);
    if (open !== undefined && one.kind === 'tone' && one.frequencies.length > open.frequencies.length)
      open.frequencies = [...one.frequencies].sort((a, b) => a - b);
  });
  return stretches;
}

function loudestTone(frames: readonly FrameHeard[]): number | null {
  const tones = frames.filter((one) => one.kind === 'tone');
  const loudest = tones.reduce<FrameHeard | null>(
    (best, one) => (best === null || one.loudness > best.loudness ? one : best),
    null,
  );
  return loudest?.frequencies[0] ?? null;
}

function framesOf(samples: Int16Array): Int16Array[] {
  const count = Math.floor(samples.length / frame);
  return Array.from({ length: count }, (_, n) => samples.subarray(n * frame, (n + 1) * frame));
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
