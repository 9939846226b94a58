import type { Fault } from './fault.ts';

export const freeswitchCut: Fault = {
  name: 'freeswitch-cut',
  line: 'the event socket of the only FreeSWITCH is reset',
  engines: 'apart',
  talk: 12_000,
  expected: { anchored: 'media_lost', direct: 'caller_hangup', meanwhile: 'carried', again: 10 },
  async disturb(stage, { freeswitch }) {
    freeswitch.road.cut();
    await stage.gone('anchored');
  },
};
