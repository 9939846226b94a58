/** How long the stages of a call take, and how well it could be heard. */
import type { Registry } from 'prom-client';
import type { FiguresOfLeg } from '../calls/leg-figures.ts';
import { metricsIn } from './metrics.ts';
import type { AttemptRecord, CallRecord } from '../records/events.ts';

export function callMetrics(registry: Registry) {
  const { histogram, counter } = metricsIn(registry);
  const decision = histogram(
    'decision_seconds',
    'To choose the buyers of a call and their order',
    [],
    [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
  );
  const setup = histogram(
    'call_setup_seconds',
    'From the INVITE of a carrier to our final answer',
    ['answered'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60],
  );
  const ringing = histogram(
    'post_dial_delay_seconds',
    'From the INVITE to a buyer to its first ringing',
    ['trunk'],
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
  );
  const talk = histogram(
    'call_connected_seconds',
    'How long caller and buyer were through to each other',
    ['campaign'],
    [5, 15, 30, 60, 90, 120, 300, 600, 1800, 7200],
  );
  const loss = histogram(
    'rtp_loss_ratio',
    'Of the packets that a far end sent, over a whole leg: how many never came',
    ['leg'],
    [0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  );
  const jitter = histogram(
    'rtp_jitter_seconds',
    'The greatest jitter measured on a leg',
    ['leg'],
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2],
  );
  const received = counter('rtp_packets_received_total', 'RTP packets that came, of legs that ended', [
    'leg',
  ]);
  const lost = counter('rtp_packets_lost_total', 'RTP packets that never came, of legs that ended', ['leg']);

  return {
    /** Milliseconds, with a fraction. */
    decided(took: number) {
      decision.observe({}, took / 1000);
    },
    attempted({ trunk, startedAt, ringingAt }: AttemptRecord) {
      if (ringingAt !== null) ringing.observe({ trunk }, (ringingAt - startedAt) / 1000);
    },
    ended({ campaign, startedAt, answeredAt, connectedAt, endedAt }: CallRecord) {
      const answered = answeredAt === null ? 'no' : 'yes';
      setup.observe({ answered }, ((answeredAt ?? endedAt) - startedAt) / 1000);
      if (connectedAt !== null) talk.observe({ campaign }, (endedAt - connectedAt) / 1000);
    },
    heard(figures: FiguresOfLeg) {
      const leg = figures.leg === 0 ? 'caller' : 'buyer';
      const { packetsReceived, packetsLost } = figures;
      received.inc({ leg }, packetsReceived);
      lost.inc({ leg }, packetsLost);
      // A leg that was never spoken on tells nothing of the network.
      const sent = packetsReceived + packetsLost;
      if (sent > 0) loss.observe({ leg }, packetsLost / sent);
      if (figures.jitter !== null) jitter.observe({ leg }, figures.jitter / 1000);
    },
  };
}
