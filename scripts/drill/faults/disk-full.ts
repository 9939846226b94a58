import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../rounds.ts';
import { all, survives, type Fault } from './fault.ts';

export const diskFull: Fault = {
  name: 'disk-full',
  line: 'the disk of the journal is full for 2 s',
  engines: 'inside',
  talk: 9_000,
  expected: { ...survives, meanwhile: all('refused') },
  async disturb({ sut, disk, meanwhile }) {
    await disk.fill(sut.pid);
    const isTold = await until(async () => !(await sut.isReady()), 10_000);
    await meanwhile(() => pause(2_000));
    await disk.free(sut.pid);
    if (!isTold) throw new Error('it is not told');
  },
};
