/** The power spectrum of a short frame of sound, and its strongest peaks. */

export interface Peak {
  /** Hz. */
  readonly frequency: number;
  /** Of the power of the whole frame, 0 to 1. */
  readonly share: number;
}

const sampleRate = 8000;
/** A frame is filled up with zeros to this. */
const points = 1024;
const step = sampleRate / points;
/** A Hann window spreads a tone over two bins of the frame on either side; filled up from 640 samples, that is four. */
const spread = 4;

/** Power by bins of 7.8125 Hz, under a Hann window. At most 1024 samples. */
export function spectrumOf(samples: Int16Array): Float64Array {
  const re = new Float64Array(points);
  const im = new Float64Array(points);
  const turn = (2 * Math.PI) / samples.length;
  samples.forEach((sample, n) => {
    re[reversed[n] ?? 0] = sample * (0.5 - 0.5 * Math.cos(turn * n));
  });
  transform(re, im);
  return Float64Array.from({ length: points / 2 }, (_, bin) => (re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2);
}

/** The `count` strongest peaks, strongest first. */
export function strongest(power: Float64Array, count: number): Peak[] {
  const left = Float64Array.from(power);
  const all = left.reduce((sum, one) => sum + one, 0);
  const peaks: Peak[] = [];
  while (peaks.length < count) {
    const top = left.reduce((best, one, bin) => (one > (left[best] ?? 0) ? bin : best), 0);
    if (top === 0) break;
    const around = left.subarray(Math.max(0, top - spread), top + spread + 1);
    const share = around.reduce((sum, one) => sum + one, 0) / all;
    peaks.push({ frequency: Math.round((top + offCentre(power, top)) * step), share });
    around.fill(0);
  }
  return peaks;
}

/** Where between the bins a peak lies: the top of the parabola through the logarithms of three bins. */
function offCentre(power: Float64Array, top: number): number {
  const [below, at, above] = [top - 1, top, top + 1].map((bin) => Math.log((power[bin] ?? 0) + 1));
  if (below === undefined || at === undefined || above === undefined) return 0;
  const curve = below - 2 * at + above;
  return curve === 0 ? 0 : (below - above) / (2 * curve);
}

/** Cooley and Tukey's FFT, radix 2, in place; the input lies in bit-reversed order. */
function transform(re: Float64Array, im: Float64Array): void {
  for (let half = 1; half < points; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = (-Math.PI * k) / half;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let even = k; even < points; even += 2 * half) {
        const odd = even + half;
        const [oddRe, oddIm] = [re[odd] ?? 0, im[odd] ?? 0];
        const [turnedRe, turnedIm] = [oddRe * cos - oddIm * sin, oddRe * sin + oddIm * cos];
        const [evenRe, evenIm] = [re[even] ?? 0, im[even] ?? 0];
        re[odd] = evenRe - turnedRe;
        im[odd] = evenIm - turnedIm;
        re[even] = evenRe + turnedRe;
        im[even] = evenIm + turnedIm;
      }
    }
  }
}

const bits = Math.log2(points);
const reversed = Uint16Array.from({ length: points }, (_, n) => {
  let mirrored = 0;
  for (let bit = 0; bit < bits; bit++) if (n & (1 << bit)) mirrored |= 1 << (bits - 1 - bit);
  return mirrored;
});
