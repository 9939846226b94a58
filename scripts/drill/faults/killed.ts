import { setTimeout as pause } from 'node:timers/promises';
import { all, type Fault } from './fault.ts';

export const killed: Fault = {
  name: 'killed',
  line: 'SIGKILL with live calls; the supervisor starts it again after 1 s',
  engines: 'inside',
  talk: 8_000,
  expected: { anchored: 'switch_lost', direct: 'switch_lost', meanwhile: all('not answered') },
  async disturb({ sut, meanwhile }) {
    await sut.kill();
    await meanwhile(() => pause(1_000));
    await sut.start();
  },
};
