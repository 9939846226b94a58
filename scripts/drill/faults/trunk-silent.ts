import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { all, survives, type Fault } from './fault.ts';
import { failedOver } from './failed-over.ts';

export const trunkSilent: Fault = {
  name: 'trunk-silent',
  line: 'the first buyer of a campaign never answers a packet',
  engines: 'inside',
  talk: 10_000,
  expected: { ...survives, meanwhile: all('carried') },
  async disturb(stage) {
    const hole = createSocket('udp4');
    hole.bind(stage.troubledPort, '127.0.0.1');
    await once(hole, 'listening');
    stage.later(() => hole.close());
    await stage.callers('troubled');
    await pause(6_000);
  },
  besides: (records) => failedOver(records, ({ result }) => result === 'no_response'),
};
