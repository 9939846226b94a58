import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../rounds.ts';
import { survives, type Fault } from './fault.ts';

const calls = 4;

export const neverAcked: Fault = {
  name: 'never-acked',
  line: 'a carrier acknowledges no answer',
  engines: 'inside',
  talk: 6_000,
  expected: { ...survives, meanwhile: 'carried', again: 10 },
  async disturb(stage) {
    await stage.callers('direct', 'caller-never-acks', calls);
    await pause(2_000);
    const live = async () => (await stage.sut.live()).filter(({ from }) => from?.startsWith('+1469555'));
    if (!(await until(async () => (await live()).length === 0, 45_000)))
      throw new Error('calls that were never acknowledged go on');
  },
  besides: (records) => {
    const others = records.filter(({ cause }) => cause !== 'no_ack').map(({ cause }) => cause);
    if (records.length === 0) return ['no call of that carrier was taken'];
    return others.length === 0 ? [] : [`calls without ACK were to end with no_ack: ${others.join(', ')}`];
  },
};
