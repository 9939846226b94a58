/**
 * What is put right by hand: an amount for a publisher or from a buyer, against the network's margin, with who and why.
 * It stands for itself: no correction of the call that it names takes it back.
 */
import type { Transaction } from 'kysely';
import { minorDigitsOf } from '../currencies.ts';
import type { Money } from '../../settlement/money.ts';
import type { Schema } from '../schema.ts';
import { inTurn, type Corrected, type Correcting } from './correcting.ts';
import { findCall, holdOver, type RecordedCall } from './recorded-call.ts';
import { isKey, isSaid, parseWhole } from './texts.ts';

export interface Adjustment {
  /** Of the asker's own choice: asked for twice, it is made once. */
  readonly key: string;
  readonly party: { readonly kind: 'publisher' | 'buyer'; readonly name: string };
  /** Decimal text. Above 0: the publisher is owed more, the buyer owes more. */
  readonly amount: string;
  readonly by: string;
  readonly why: string;
  readonly call: string | null;
  /** Null: that of the call, where one is named. */
  readonly campaign: string | null;
  /** Of an adjustment that is of no call: the network's. */
  readonly currency: string;
  /** What the config names; a party that it no longer names is known by its lines. */
  readonly named: { readonly party: boolean; readonly campaign: boolean };
}

export type Adjusted =
  | { readonly ok: true; readonly result: 'adjusted'; readonly corrected: Corrected }
  | { readonly ok: true; readonly result: 'unchanged' }
  | { readonly ok: false; readonly reason: AdjustmentRefusal; readonly message: string };

export type AdjustmentRefusal =
  | 'bad_key'
  | 'bad_amount'
  | 'bad_why'
  | 'unknown_party'
  | 'unknown_campaign'
  | 'unknown_call'
  | 'unknown_terms'
  | 'not_of_this_call'
  | 'key_taken';

export async function adjust(correcting: Correcting, asked: Adjustment): Promise<Adjusted> {
  const { key, why, party } = asked;
  if (!isKey(key))
    return refused('bad_key', 'a key is 1 to 128 printable ASCII characters, none of them a blank');
  if (!isSaid(why))
    return refused('bad_why', 'an adjustment needs its why, one line of at most 500 characters');
  return inTurn(correcting, async (trx, tell) => {
    const call = asked.call === null ? null : await findCall(trx, correcting.terms, asked.call);
    if (call?.ok === false) return call;
    if (call && call.row[party.kind] !== party.name)
      return refused('not_of_this_call', `${party.name} is not the ${party.kind} of call ${call.row.id}`);
    if (call && asked.campaign !== null && asked.campaign !== call.row.campaign)
      return refused('not_of_this_call', `call ${call.row.id} is of campaign ${call.row.campaign}`);
    if (!(call ?? asked.named.party) && !(await hasLines(trx, party)))
      return refused('unknown_party', `there is no ${party.kind} ${party.name}`);
    if (asked.campaign !== null && !(call ?? asked.named.campaign))
      return refused('unknown_campaign', `there is no campaign ${asked.campaign}`);

    const posting = postingOf(asked, call, correcting.now());
    if (posting === null) {
      const { currency } = asked;
      return refused(
        'bad_amount',
        `"${asked.amount}" is no amount in whole minor units of ${currency} that can be meant`,
      );
    }
    const known = await linesUnder(trx, key);
    if (known.length > 0) {
      if (isSame(known, posting)) return { ok: true, result: 'unchanged' };
      return refused('key_taken', `another adjustment was made under the key ${key}`);
    }
    const corrected = await post(trx, posting);
    await tell(corrected);
    return { ok: true, result: 'adjusted', corrected };
  });
}

const refused = (reason: AdjustmentRefusal, message: string): Adjusted => ({ ok: false, reason, message });

const accountOf = { publisher: 'payable', buyer: 'receivable' } as const;

interface Posting {
  readonly asked: Adjustment;
  readonly call: RecordedCall | null;
  readonly campaign: string | null;
  readonly currency: string;
  readonly minorDigits: number;
  readonly at: Date;
  readonly amount: Money;
  /** Of the party's account; that of the margin is the opposite. */
  readonly line: Money;
}

/** Null where its amount is none. */
function postingOf(asked: Adjustment, call: RecordedCall | null, at: Date): Posting | null {
  const currency = call?.book.currency ?? asked.currency;
  const minorDigits = call?.book.minorDigits ?? minorDigitsOf(currency);
  const amount = parseWhole(asked.amount, minorDigits);
  if (amount === null || amount === 0n) return null;
  const campaign = asked.campaign ?? call?.row.campaign ?? null;
  const line = asked.party.kind === 'buyer' ? amount : -amount;
  return { asked, call, campaign, currency, minorDigits, at, amount, line };
}

async function hasLines(trx: Transaction<Schema>, { kind, name }: Adjustment['party']): Promise<boolean> {
  const line = await trx
    .selectFrom('ledger_entries')
    .select('id')
    .where('account', '=', accountOf[kind])
    .where('party', '=', name)
    .limit(1)
    .executeTakeFirst();
  return line !== undefined;
}

interface KnownLine {
  readonly call_id: string | null;
  readonly account: 'receivable' | 'payable' | 'margin';
  readonly party: string;
  readonly campaign: string | null;
  readonly amount: Money;
  readonly currency: string;
}

const linesUnder = (trx: Transaction<Schema>, key: string): Promise<readonly KnownLine[]> =>
  trx
    .selectFrom('ledger_entries')
    .select(['call_id', 'account', 'party', 'campaign', 'amount', 'currency'])
    .where('kind', '=', 'adjustment')
    .where('reference', '=', key)
    .execute();

const isSame = (known: readonly KnownLine[], { asked, call, campaign, currency, line }: Posting): boolean =>
  known.some(
    (one) =>
      one.account === accountOf[asked.party.kind] &&
      one.party === asked.party.name &&
      one.amount === line &&
      one.currency === currency &&
      one.campaign === campaign &&
      one.call_id === (call?.row.id ?? null),
  );

async function post(trx: Transaction<Schema>, posting: Posting): Promise<Corrected> {
  const { asked, call, campaign, currency, at, line } = posting;
  const { party, by, why, key } = asked;
  const common = {
    call_id: call?.row.id ?? null,
    kind: 'adjustment' as const,
    reference: key,
    ...{ campaign, currency, at, why, made_by: by },
  };
  const account = accountOf[party.kind];
  const lines = [
    { ...common, account, party: party.name, amount: line },
    { ...common, account: 'margin' as const, party: 'network', amount: -line },
  ];
  await trx
    .insertInto('ledger_entries')
    .values(
      lines.map((each) => ({
        ...each,
        corrects: null,
        payable_at: each.account === 'payable' ? (call ? holdOver(call) : at) : null,
      })),
    )
    .execute();
  return correctedBy(posting);
}

function correctedBy({ asked, call, campaign, currency, minorDigits, amount, at }: Posting): Corrected {
  const isBuyers = asked.party.kind === 'buyer';
  return {
    call: call?.row.id ?? null,
    kind: 'adjustment',
    reference: asked.key,
    campaign,
    publisher: isBuyers ? null : asked.party.name,
    buyer: isBuyers ? asked.party.name : null,
    ...{ currency, minorDigits, at },
    revenue: isBuyers ? amount : 0n,
    payout: isBuyers ? 0n : amount,
    caller: null,
    converted: 0,
    endedAt: null,
    by: asked.by,
    why: asked.why,
  };
}
