/** The calls as they happen: a table that redraws itself on a terminal, a line for each change elsewhere. */
import { endInWords } from '../phone/in-words.ts';
import type { Scene } from './scene.ts';
import { table, type Terminal } from './terminal.ts';

const redrawMs = 200;
const tableWidth = 120;

interface LiveView {
  stop(): void;
}

export function showLive(terminal: Terminal, scenes: readonly Scene[]): LiveView {
  const draw = terminal.canRedraw(tableWidth, scenes.length + 2)
    ? redrawing(terminal, scenes)
    : telling(terminal, scenes);
  draw();
  const timer = setInterval(draw, redrawMs);
  return {
    stop: () => {
      clearInterval(timer);
      draw();
    },
  };
}

const columns = [
  { title: 'caller' },
  { title: 'from' },
  { title: 'dials' },
  { title: '' },
  { title: 'time', align: 'right' as const },
  { title: 'now' },
];

function redrawing(terminal: Terminal, scenes: readonly Scene[]): () => void {
  let drawn = 0;
  return () => {
    const text = table(
      terminal,
      columns,
      scenes.map((scene) => row(terminal, scene)),
    );
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    // Each line is cleared to its end, so that what was longer before leaves nothing behind.
    terminal.write(up + text.replaceAll('\n', '\u001b[K\n'));
    drawn = text.split('\n').length - 1;
  };
}

function telling(terminal: Terminal, scenes: readonly Scene[]): () => void {
  const begun = Date.now();
  const last = scenes.map(() => 'waiting');
  return () => {
    scenes.forEach((scene, at) => {
      const now = nowInWords(scene);
      if (now === last[at]) return;
      last[at] = now;
      const since = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
      const { name, from, to } = scene.caller;
      terminal.write(`${since} s  ${name.padEnd(5)} ${(from ?? 'anonymous').padEnd(12)} → ${to}  ${now}\n`);
    });
  };
}

function row(terminal: Terminal, scene: Scene): string[] {
  const { caller } = scene;
  const time = scene.began === null ? '' : (((scene.over ?? Date.now()) - scene.began) / 1000).toFixed(1);
  return [
    caller.name,
    caller.from ?? 'anonymous',
    caller.to,
    terminal.paint.dim(caller.about),
    time,
    coloured(terminal, scene)(nowInWords(scene)),
  ];
}

function nowInWords({ end, state, buyer, wasConnected }: Scene): string {
  if (end === null) return buyer === null || state === 'menu' ? state : `${state} · ${buyer}`;
  if (end.cause !== 'hung_up') return endInWords(end).replace(/^we /, 'caller ');
  if (end.by === 'us') return 'caller hung up';
  return wasConnected ? 'buyer hung up' : 'switch hung up';
}

function coloured(terminal: Terminal, scene: Scene): (text: string) => string {
  const { dim, green, yellow, cyan } = terminal.paint;
  if (!scene.live) return dim;
  if (scene.state === 'connected') return green;
  return scene.state === 'ringing' || scene.state === 'whisper' ? yellow : cyan;
}
