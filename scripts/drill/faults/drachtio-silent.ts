import { all, type Fault } from './fault.ts';

export const drachtioSilent: Fault = {
  name: 'drachtio-silent',
  line: 'the link to drachtio carries nothing any more, and nobody is told',
  engines: 'apart',
  talk: 12_000,
  expected: {
    anchored: 'signalling_lost',
    direct: 'signalling_lost',
    meanwhile: all('not answered'),
  },
  async disturb(stage, { drachtio }) {
    drachtio.road.freeze();
    await stage.meanwhile(() => Promise.all([stage.gone('anchored'), stage.gone('direct')]));
    drachtio.road.mend();
  },
};
