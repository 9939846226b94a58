import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const freeswitchHung: Fault = {
  name: 'freeswitch-hung',
  line: 'the only FreeSWITCH stands still (SIGSTOP) until its calls are given up, and 2 s more',
  engines: 'apart',
  talk: 14_000,
  expected: {
    ...{ anchored: 'media_lost', direct: 'caller_hangup' },
    meanwhile: { anchored: 'refused', direct: 'carried' },
  },
  async disturb(stage, { freeswitch }) {
    await freeswitch.do('hold');
    // Who calls before it is given up waits for it, and hears 503 together with that.
    await stage.meanwhile(async () => {
      await stage.gone('anchored');
      await pause(2_000);
    });
    await freeswitch.do('release');
  },
};
