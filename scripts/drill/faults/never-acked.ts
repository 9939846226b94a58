import { until } from '../rounds.ts';
import { all, survives, type Fault } from './fault.ts';

const calls = 4;

export const neverAcked: Fault = {
  name: 'never-acked',
  line: 'a carrier acknowledges no answer',
  engines: 'inside',
  talk: 6_000,
  expected: { ...survives, meanwhile: all('carried') },
  async disturb(stage) {
    await stage.callers('direct', 'caller-never-acks', calls);
    const live = async () => (await stage.sut.live()).filter(({ from }) => from?.startsWith('+1469555'));
    if (!(await until(async () => (await live()).length === calls, 20_000)))
      throw new Error('not all calls of that carrier were taken');
    if (!(await until(async () => (await live()).length === 0, 45_000)))
      throw new Error('calls that were never acknowledged go on');
  },
  // RFC 3261 13.3.1.4: 64 × T1. The switch counts from when it heard that its answer was sent.
  besides: (records) => {
    const ends = records.map(({ cause, answered_at, ended_at }) => {
      const lasted = (Date.parse(ended_at) - Date.parse(answered_at ?? '')) / 1000;
      return {
        isRight: cause === 'no_ack' && lasted > 31 && lasted < 40,
        said: `${cause} after ${lasted} s`,
      };
    });
    if (ends.length === calls && ends.every(({ isRight }) => isRight)) return [];
    const found = ends.map(({ said }) => said).join(', ');
    return [`${calls} calls without ACK were to end after 32 s with no_ack: ${found}`];
  },
};
