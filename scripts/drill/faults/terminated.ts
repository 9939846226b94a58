import type { Fault } from './fault.ts';

export const terminated: Fault = {
  name: 'terminated',
  line: 'SIGTERM with live calls and `limits.drain: 2s`; the supervisor starts it again',
  engines: 'inside',
  talk: 12_000,
  expected: { anchored: 'drained', direct: 'drained', meanwhile: 'refused', again: 10 },
  async disturb({ sut }) {
    const code = await sut.stop();
    if (code !== 0) throw new Error(`it stopped with exit code ${String(code)}`);
    await sut.start();
  },
};
