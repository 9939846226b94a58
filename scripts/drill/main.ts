/** `npm run drill -- NAME`: rehearses what must never happen, against the real switch. One file a drill. */
import { parseArgs } from 'node:util';
import { crashDrill } from './crash.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string' } },
});
const drills = { crash: crashDrill };
const name = positionals[0] ?? '';
const rounds = Number(values.rounds);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);

if (!(name in drills) || !Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  process.stderr.write(`npm run drill -- ${Object.keys(drills).join('|')} [--rounds N] [--seed S]\n`);
  process.exitCode = 2;
} else {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  const verdict = await drills[name as keyof typeof drills]({
    ...{ rounds, seed, stopped: stopped.signal },
    say: (line) => process.stdout.write(`${line}\n`),
  });
  process.exitCode = verdict.faults.length === 0 ? 0 : 1;
}
