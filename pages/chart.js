// Money over time, drawn; the same figures stand beside it as a table, for who cannot see it.
import uPlot from '/pages/uplot.js';
import { h } from './dom.js';

/** @typedef {{ label: string, color: string, bars?: boolean, values: readonly (number | null)[] }} Series */

/**
 * @param {{ label: string, x: string, signal: AbortSignal }} options `x` names what runs along the axis
 */
export function chart({ label, x, signal }) {
  const place = h('div', { class: 'chart', role: 'img', 'aria-label': label });
  /** @type {uPlot | null} */
  let drawn = null;
  /** @type {{ names: readonly string[], series: readonly Series[] } | null} */
  let given = null;

  const draw = () => {
    drawn?.destroy();
    drawn = null;
    if (given === null || place.clientWidth === 0) return;
    const { names, series } = given;
    const at = names.map((_, index) => index);
    drawn = new uPlot(
      options({ x, names, series, width: place.clientWidth }),
      /** @type {any} */ ([at, ...series.map(({ values }) => values)]),
      place,
    );
  };
  const resized = new ResizeObserver(() => {
    if (drawn === null) draw();
    else if (drawn.width !== place.clientWidth) drawn.setSize({ width: place.clientWidth, height: 220 });
  });
  resized.observe(place);
  // The canvas has taken its colours from the style of the moment.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw, { signal });
  signal.addEventListener('abort', () => {
    resized.disconnect();
    drawn?.destroy();
  });

  return {
    element: place,
    /** @param {readonly string[]} names @param {readonly Series[]} series */
    show(names, series) {
      if (JSON.stringify(given) === JSON.stringify({ names, series })) return;
      given = { names, series };
      draw();
    },
  };
}

/**
 * @param {{ x: string, names: readonly string[], series: readonly Series[], width: number }} given
 * @returns {uPlot.Options}
 */
function options({ x, names, series, width }) {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: color('muted'), font: '12px system-ui, sans-serif', ticks: { show: false } };
  const name = (/** @type {number} */ at) => names[at] ?? '';
  return {
    width,
    height: 220,
    padding: [12, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.6, Math.max(names.length, 1) - 0.4] }, y: { range: upFromZero } },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        incrs: [1, 2, 3, 4, 6, 7, 14, 28],
        values: (_, at) => at.map(name),
      },
      { ...axis, size: 56, grid: { stroke: color('line'), width: 1 } },
    ],
    series: [
      { label: x, value: (_, at) => (at === null ? '–' : name(at)) },
      ...series.map(({ label, color: hue, bars }) => ({
        label,
        stroke: color(hue),
        width: bars === true ? 0 : 2,
        points: { show: bars !== true, size: 6, fill: color(hue) },
        value: (/** @type {unknown} */ _, /** @type {number | null} */ y) =>
          y === null ? '–' : y.toFixed(2),
        ...(bars === true && uPlot.paths.bars !== undefined
          ? { fill: color(hue), paths: uPlot.paths.bars({ size: [0.7, 48] }) }
          : {}),
      })),
    ],
  };
}

/** @param {unknown} _ @param {number | null} least @param {number | null} most @returns {[number, number]} */
function upFromZero(_, least, most) {
  const [low, high] = [Math.min(0, least ?? 0), Math.max(0, most ?? 0)];
  return low === high ? [0, 1] : [low * 1.1, high * 1.1];
}
