import { expect, test } from 'vitest';
import { soak } from '../../scripts/drill/soak.ts';

test(
  'after 2 minutes of callers and buyers of every mood, memory is where it was and nothing is held',
  { timeout: 600_000 },
  async () => {
    const said: string[] = [];
    const { faults, figures } = await soak({
      minutes: 2,
      callsPerSecond: 10,
      say: (line) => said.push(line),
    });
    expect(faults, said.join('\n')).toEqual([]);
    expect(figures['of them connected']).toBeGreaterThan(100);
  },
);
