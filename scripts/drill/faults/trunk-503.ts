import { setTimeout as pause } from 'node:timers/promises';
import { all, survives, type Fault } from './fault.ts';
import { failedOver } from './failed-over.ts';

export const trunk503: Fault = {
  name: 'trunk-503',
  line: 'the first buyer of a campaign answers every call with 503',
  engines: 'inside',
  talk: 12_000,
  expected: { ...survives, meanwhile: all('carried') },
  async disturb(stage) {
    await stage.troubledBuyer('buyer-503');
    await stage.callers('troubled');
    await pause(3_000);
  },
  besides: (records) => failedOver(records, ({ status }) => status === 503),
};
