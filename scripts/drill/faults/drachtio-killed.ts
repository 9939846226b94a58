import { setTimeout as pause } from 'node:timers/promises';
import { all, type Fault } from './fault.ts';

export const drachtioKilled: Fault = {
  name: 'drachtio-killed',
  line: 'the drachtio server is killed, and started again after 2 s',
  engines: 'apart',
  talk: 8_000,
  expected: {
    anchored: 'signalling_lost',
    direct: 'signalling_lost',
    meanwhile: all('not answered'),
  },
  async disturb(stage, { drachtio }) {
    await drachtio.do('kill');
    await stage.meanwhile(() => Promise.all([stage.gone('anchored'), stage.gone('direct'), pause(2_000)]));
    await drachtio.do('start');
  },
};
