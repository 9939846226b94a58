import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const freeswitchKilled: Fault = {
  name: 'freeswitch-killed',
  line: 'the only FreeSWITCH is killed in mid-call, and started again after 2 s',
  engines: 'apart',
  talk: 7_000,
  expected: {
    ...{ anchored: 'media_lost', direct: 'caller_hangup' },
    meanwhile: { anchored: 'refused', direct: 'carried' },
  },
  async disturb(stage, { freeswitch }) {
    await freeswitch.do('kill');
    await stage.meanwhile(() => Promise.all([stage.gone('anchored'), pause(2_000)]));
    await freeswitch.do('start');
  },
};
