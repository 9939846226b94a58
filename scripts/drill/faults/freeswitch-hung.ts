import type { Fault } from './fault.ts';

export const freeswitchHung: Fault = {
  name: 'freeswitch-hung',
  line: 'the only FreeSWITCH stands still (SIGSTOP) until its calls are given up',
  engines: 'apart',
  talk: 14_000,
  expected: {
    ...{ anchored: 'media_lost', direct: 'caller_hangup' },
    meanwhile: { anchored: 'refused', direct: 'carried' },
  },
  async disturb(stage, { freeswitch }) {
    await freeswitch.do('hold');
    await stage.meanwhile(() => stage.gone('anchored'));
    await freeswitch.do('release');
  },
};
