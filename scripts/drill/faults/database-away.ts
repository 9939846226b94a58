import { setTimeout as pause } from 'node:timers/promises';
import { holdDatabase, killDatabase } from '../database-processes.ts';
import { all, survives, type Fault } from './fault.ts';

export const databaseAway: Fault = {
  name: 'database-away',
  line: 'Postgres stands still for 3 s and is killed then',
  engines: 'inside',
  talk: 6_000,
  expected: { ...survives, meanwhile: all('carried') },
  async disturb({ sut }) {
    const letGo = await holdDatabase(sut.data);
    await pause(3_000);
    const isKilled = await killDatabase(sut.data);
    letGo();
    if (!isKilled) throw new Error('there was no database to kill');
  },
};
