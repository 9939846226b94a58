import { setTimeout as pause } from 'node:timers/promises';
import { all, type Fault } from './fault.ts';

export const freeswitchCut: Fault = {
  name: 'freeswitch-cut',
  line: 'the event socket of the only FreeSWITCH is reset',
  engines: 'apart',
  talk: 12_000,
  expected: { anchored: 'media_lost', direct: 'caller_hangup', meanwhile: all('carried') },
  async disturb(stage, { freeswitch }) {
    freeswitch.road.cut();
    // Calls come meanwhile, though the cut itself takes no time.
    await Promise.all([stage.gone('anchored'), pause(3_000)]);
  },
};
