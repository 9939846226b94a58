import type { PaidCall } from '../records/calls-to-replay.ts';
import type { Past } from '../settlement/settle.ts';

type Asked = Pick<PaidCall, 'campaign' | 'at'> & { readonly caller: string | null; readonly buyer: string };
type Settled = Asked & Pick<PaidCall, 'billed' | 'paid'>;

/** Who was billed and paid for before, as the records find it: the window reaches both ways from the call. */
export class Duplicates {
  readonly #billed = new Map<string, number[]>();
  readonly #paid = new Map<string, number[]>();

  constructor(past: readonly PaidCall[]) {
    for (const call of past) this.#add(call);
  }

  find(
    { caller, campaign, buyer, at }: Asked,
    windows: { readonly billable: number | null; readonly payable: number | null },
  ): Pick<Past, 'billed' | 'paid'> {
    const near = (times: readonly number[] | undefined, within: number | null) =>
      within !== null && times !== undefined && times.some((one) => Math.abs(one - at) < within);
    return {
      billed: near(this.#billed.get(`${caller}|${buyer}`), windows.billable),
      paid: near(this.#paid.get(`${caller}|${campaign}`), windows.payable),
    };
  }

  add(call: Settled): void {
    this.#add(call);
  }

  /** A caller who withheld the number is nobody's duplicate. */
  #add({ caller, campaign, buyer, at, billed, paid }: Settled | PaidCall): void {
    if (caller === null) return;
    if (billed && buyer !== null) push(this.#billed, `${caller}|${buyer}`, at);
    if (paid) push(this.#paid, `${caller}|${campaign}`, at);
  }
}

function push(to: Map<string, number[]>, key: string, at: number): void {
  const held = to.get(key);
  if (held) held.push(at);
  else to.set(key, [at]);
}
