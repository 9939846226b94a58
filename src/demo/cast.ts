/** Who calls in the demo, what each of them does, and what must come of it. */

export interface Caller {
  readonly name: string;
  /** E.164; null withholds it. */
  readonly from: string | null;
  readonly to: string;
  /** Told in the table: what this caller is there to show. */
  readonly about: string;
  /** When the call is placed, milliseconds after the first. */
  readonly at: number;
  readonly press: readonly string[];
  /** How long they listen before a key; milliseconds. */
  readonly patience: number;
  /** A file of config/voices, said once a buyer is through. */
  readonly voice: string | null;
  /** When they hang up: so long after the first moment of this stage. */
  readonly leaves: { readonly stage: 'ringing' | 'answered' | 'talking'; readonly after: number } | 'never';
  readonly expected: Expected;
}

/** A call that the switch takes has a record; one it refuses has a final status. */
type Expected =
  | { readonly refused: number }
  | {
      readonly outcome: string;
      readonly cause: string;
      /** `buyer result` of each attempt, in order. */
      readonly attempts: readonly string[];
      readonly buyer: string | null;
      /** `buyer rule` of each buyer left out. */
      readonly leftOut: readonly string[];
      readonly revenue: string;
      readonly payout: string;
    };

const solar = '+18005550100';
const homeleads = '+18005550102';
const roofing = '+18005550110';

const person = { press: [], patience: 2_000, voice: null, leaves: 'never' } as const;

export const cast: readonly Caller[] = [
  {
    ...person,
    name: 'Ann',
    from: '+12145550101',
    to: solar,
    about: 'owns a home in Texas',
    at: 0,
    press: ['1', '75201'],
    voice: 'caller-ann',
    leaves: { stage: 'talking', after: 6_000 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['sunrise answered'],
      buyer: 'sunrise',
      leftOut: [],
      revenue: '45.00',
      payout: '30.00',
    },
  },
  {
    ...person,
    name: 'Lou',
    from: '+15125550113',
    to: homeleads,
    about: 'the same, from another publisher',
    at: 500,
    press: ['1', '78701'],
    voice: 'caller-bob',
    leaves: { stage: 'talking', after: 6_000 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['sunrise answered'],
      buyer: 'sunrise',
      leftOut: [],
      revenue: '45.00',
      payout: '35.00',
    },
  },
  {
    ...person,
    name: 'Cleo',
    from: '+14155550103',
    to: solar,
    about: 'rents, in California',
    at: 1_000,
    press: ['2'],
    voice: 'caller-cleo',
    leaves: { stage: 'talking', after: 5_000 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['helio busy', 'brightside answered'],
      buyer: 'brightside',
      leftOut: ['sunrise accepts'],
      revenue: '9.00',
      payout: '4.50',
    },
  },
  {
    ...person,
    name: 'Eve',
    from: '+19725550105',
    to: solar,
    about: 'hangs up in the menu',
    at: 1_500,
    leaves: { stage: 'answered', after: 2_000 },
    expected: {
      outcome: 'abandoned',
      cause: 'caller_hangup',
      attempts: [],
      buyer: null,
      leftOut: [],
      revenue: '0.00',
      payout: '0.00',
    },
  },
  {
    ...person,
    name: 'Gus',
    from: '+12145550107',
    to: '+18005550199',
    about: 'dials a number that is not ours',
    at: 2_000,
    expected: { refused: 404 },
  },
  {
    ...person,
    name: 'Hal',
    from: '+12125550000',
    to: solar,
    about: 'is blocked',
    at: 2_500,
    expected: { refused: 603 },
  },
  {
    ...person,
    name: 'Nemo',
    from: null,
    to: solar,
    about: 'withholds his number',
    at: 3_000,
    expected: { refused: 603 },
  },
  {
    ...person,
    name: 'Jon',
    from: '+16025550111',
    to: roofing,
    about: 'gives up while it rings',
    at: 3_500,
    leaves: { stage: 'ringing', after: 1_200 },
    expected: {
      outcome: 'abandoned',
      cause: 'caller_cancelled',
      attempts: ['helio busy', 'brightside cancelled'],
      buyer: null,
      leftOut: [],
      revenue: '0.00',
      payout: '0.00',
    },
  },
  {
    ...person,
    name: 'Kim',
    from: '+17735550112',
    to: roofing,
    about: 'no menu, media direct; the buyer hangs up',
    at: 4_000,
    voice: 'caller-bob',
    expected: {
      outcome: 'connected',
      cause: 'buyer_hangup',
      attempts: ['helio busy', 'brightside answered'],
      buyer: 'brightside',
      leftOut: [],
      revenue: '9.00',
      payout: '5.40',
    },
  },
  {
    ...person,
    name: 'Ivy',
    from: '+14055550110',
    to: solar,
    about: 'comes while Sunrise is full',
    at: 4_500,
    press: ['1', '73102'],
    voice: 'caller-ann',
    leaves: { stage: 'talking', after: 4_000 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['helio busy', 'brightside answered'],
      buyer: 'brightside',
      leftOut: ['sunrise concurrency'],
      revenue: '36.00',
      payout: '30.00',
    },
  },
  {
    ...person,
    name: 'Dan',
    from: '+13035550104',
    to: homeleads,
    about: 'owns a home in Colorado',
    at: 5_000,
    press: ['1', '80202'],
    voice: 'caller-bob',
    leaves: { stage: 'talking', after: 4_000 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['helio busy', 'brightside answered'],
      buyer: 'brightside',
      leftOut: ['sunrise accepts'],
      revenue: '36.00',
      payout: '18.00',
    },
  },
  {
    ...person,
    name: 'Fay',
    from: '+15055550106',
    to: solar,
    about: 'presses nothing; nobody picks up',
    at: 5_500,
    expected: {
      outcome: 'no_buyer',
      cause: 'no_buyer',
      attempts: ['helio busy', 'brightside no_answer'],
      buyer: null,
      leftOut: ['sunrise accepts'],
      revenue: '0.00',
      payout: '0.00',
    },
  },
  {
    ...person,
    name: 'Bob',
    from: '+18175550102',
    to: solar,
    about: 'hangs up too soon to be paid for',
    at: 12_000,
    press: ['1', '76102'],
    leaves: { stage: 'talking', after: 1_200 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['sunrise answered'],
      buyer: 'sunrise',
      leftOut: [],
      revenue: '0.00',
      payout: '0.00',
    },
  },
  {
    ...person,
    name: 'Ann',
    from: '+12145550101',
    to: solar,
    about: 'calls again: another buyer, paid once',
    at: 15_000,
    press: ['1', '75201'],
    leaves: { stage: 'talking', after: 3_500 },
    expected: {
      outcome: 'connected',
      cause: 'caller_hangup',
      attempts: ['helio busy', 'brightside answered'],
      buyer: 'brightside',
      leftOut: ['sunrise repeat_caller'],
      revenue: '36.00',
      payout: '0.00',
    },
  },
];
