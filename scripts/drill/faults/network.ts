/** The network of the drills of one fault: calls with media in the switch, without, and with a first buyer in trouble. */
import type { SwitchSetup } from '../../../test/support/switch-config.ts';

const paid = { payout: [{ pays: '60%', when: { connected: '>= 500ms' } }] };

export const network: SwitchSetup = {
  buyers: { steady: { concurrency: 400 }, failing: { concurrency: 400 } },
  ivrs: {
    hello: {
      start: 'hello',
      steps: {
        hello: {
          menu: { play: 'prompts/menu.wav', timeout: '300ms', tries: 1, choices: { 1: { go: 'route' } } },
          otherwise: 'route',
        },
      },
    },
  },
  campaigns: {
    anchored: { ivr: 'hello', ...paid, routing: { routes: [{ buyer: 'steady' }] } },
    direct: { ...paid, routing: { routes: [{ buyer: 'steady' }] } },
    troubled: { ...paid, routing: { routes: [{ buyer: 'failing' }, { buyer: 'steady', priority: 2 }] } },
  },
  // The drill asks what lives as fast as it can.
  http: { rate: { token: 1_000_000, address: 1_000_000 } },
  // A machine that is busy with other things is not to be taken for overload: callers would be refused for that.
  limits: { max_call: '100s', drain: '2s', stall: false },
};
