/** The network of the drill: half of the callers hear a menu first, some call again within the day. */
import type { SwitchSetup } from '../../test/support/switch-config.ts';

/** `solar` and `sunrise` are those of the calls that test/records/support/a-call.ts makes. */
export const world: SwitchSetup = {
  buyers: {
    sunrise: {
      concurrency: 60,
      caps: [{ count: 'connected', limit: 1_000_000, per: 'day' }],
      once_per_caller: '1d',
    },
    helio: { concurrency: 60, revenue: [{ pays: '12.34', when: { connected: '>= 500ms' } }] },
  },
  ivrs: {
    hello: {
      start: 'hello',
      steps: {
        hello: {
          menu: {
            play: 'prompts/menu.wav',
            timeout: '500ms',
            tries: 1,
            choices: { 1: { go: 'route' } },
          },
          otherwise: 'route',
        },
      },
    },
  },
  campaigns: {
    solar: {
      ivr: 'hello',
      once_per_caller: '1d',
      payout: [{ pays: '60%', when: { connected: '>= 500ms' } }],
      routing: { routes: [{ buyer: 'sunrise' }, { buyer: 'helio' }] },
    },
    direct: {
      payout: [{ pays: '60%', when: { connected: '>= 500ms' } }],
      routing: { strategy: 'round_robin', routes: [{ buyer: 'helio' }, { buyer: 'sunrise' }] },
    },
  },
  limits: { max_call: '20s' },
};
