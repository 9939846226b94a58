import { until } from '../rounds.ts';
import { all, type Fault } from './fault.ts';

export const terminated: Fault = {
  name: 'terminated',
  line: 'SIGTERM with live calls and `limits.drain: 2s`; the supervisor starts it again',
  engines: 'inside',
  talk: 12_000,
  expected: { anchored: 'drained', direct: 'drained', meanwhile: all('refused') },
  async disturb({ sut, meanwhile }) {
    const stopped = sut.stop();
    if (!(await until(async () => !(await sut.isReady()), 2_000)))
      throw new Error('it says that it is ready');
    const code = await meanwhile(() => stopped);
    if (code !== 0) throw new Error(`it stopped with exit code ${String(code)}`);
    await sut.start();
  },
};
