import { expect, test } from 'vitest';
import { crashDrill } from '../../scripts/drill/crash.ts';

test(
  'after 100 rounds of kill -9, full disks and outages under load, nothing is lost, twice or held',
  { timeout: 900_000 },
  async () => {
    const said: string[] = [];
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { faults, figures } = await crashDrill({ rounds: 100, seed, say: (line) => said.push(line) });
    expect(faults, said.join('\n')).toEqual([]);
    // The drill met what it is about: calls were answered, and some of them lost by a killed switch.
    expect(figures['of them answered']).toBeGreaterThan(100);
    expect(figures['of them lost by a killed switch, and ended at the next start']).toBeGreaterThan(20);
  },
);
