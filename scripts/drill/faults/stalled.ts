import { setTimeout as pause } from 'node:timers/promises';
import { all, survives, type Fault } from './fault.ts';

export const stalled: Fault = {
  name: 'stalled',
  line: 'the switch, its event loop and its threads, stands still for 2 s (SIGSTOP, SIGCONT)',
  engines: 'inside',
  talk: 12_000,
  limits: { stall: '200ms' },
  // Nothing is lost: callers repeat what was not answered.
  expected: { ...survives, meanwhile: all('not answered') },
  async disturb({ sut, meanwhile }) {
    process.kill(sut.pid, 'SIGSTOP');
    await meanwhile(() => pause(2_000));
    process.kill(sut.pid, 'SIGCONT');
  },
};
