/** The power spectrum of a short frame, and its strongest peaks. */

export interface Peak {
  /** Hz. */
  readonly frequency: number;
  /** Of the power of the whole frame, 0 to 1. */
  readonly share: number;
}

export interface Spectrum {
  /** Hz between two bins. */
  readonly step: number;
  readonly power: Float64Array;
}

/** A plain DFT under a Hann window: a frame is 640 samples, so the tables cost less than an FFT's code would. */
export function spectrumOf(samples: Int16Array): Spectrum {
  const n = samples.length;
  const { window, cosines, sines } = tablesFor(n);
  const power = new Float64Array(n / 2);
  const shaped = Float64Array.from(samples, (sample, i) => sample * (window[i] ?? 0));
  for (let bin = 1; bin < power.length; bin++) {
    let [re, im] = [0, 0];
    for (let i = 0, turn = 0; i < n; i++, turn = (turn + bin) % n) {
      const sample = shaped[i] ?? 0;
      re += sample * (cosines[turn] ?? 0);
      im += sample * (sines[turn] ?? 0);
    }
    power[bin] = re * re + im * im;
  }
  return { step: 8000 / n, power };
}

/** The `count` strongest peaks, strongest first; a Hann window spreads a tone over two bins on either side. */
export function strongest(spectrum: Spectrum, count: number): Peak[] {
  const left = Float64Array.from(spectrum.power);
  const all = left.reduce((sum, one) => sum + one, 0);
  const peaks: Peak[] = [];
  for (let n = 0; n < count && all > 0; n++) {
    const top = left.reduce((best, one, bin) => (one > (left[best] ?? 0) ? bin : best), 0);
    const [below, at, above] = [left[top - 1] ?? 0, left[top] ?? 0, left[top + 1] ?? 0];
    let power = 0;
    for (let bin = Math.max(0, top - 2); bin <= top + 2 && bin < left.length; bin++) {
      power += left[bin] ?? 0;
      left[bin] = 0;
    }
    if (power === 0) break;
    const centre = top + (above - below) / (below + at + above);
    peaks.push({ frequency: Math.round(centre * spectrum.step), share: power / all });
  }
  return peaks;
}

interface Tables {
  readonly window: Float64Array;
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const tables = new Map<number, Tables>();

function tablesFor(n: number): Tables {
  const known = tables.get(n);
  if (known !== undefined) return known;
  const turn = (i: number) => (2 * Math.PI * i) / n;
  const made = {
    window: Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos(turn(i))),
    cosines: Float64Array.from({ length: n }, (_, i) => Math.cos(turn(i))),
    sines: Float64Array.from({ length: n }, (_, i) => Math.sin(turn(i))),
  };
  tables.set(n, made);
  return made;
}
