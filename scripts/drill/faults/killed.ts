import type { Fault } from './fault.ts';

export const killed: Fault = {
  name: 'killed',
  line: 'SIGKILL with live calls; the supervisor starts it again',
  engines: 'inside',
  talk: 8_000,
  expected: { anchored: 'switch_lost', direct: 'switch_lost', meanwhile: 'not carried', again: 10 },
  async disturb({ sut }) {
    await sut.kill();
    await sut.start();
  },
};
