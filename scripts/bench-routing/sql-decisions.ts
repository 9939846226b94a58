/** The same decision, made by one query over indexed tables: what a switch would do that keeps its rules in a database. */
import pg from 'pg';
import { attributesOf } from '../../src/routing/attributes.ts';
import type { Network } from '../../src/routing/network.ts';
import { betweenCalls } from './busy-world.ts';
import { figuresOf, type Round } from './figures.ts';
import { madeUpCalls, type MadeUpCall } from './made-up-calls.ts';
import { indexNumbers, madeUpNetwork, noon, type Scale } from './made-up-network.ts';
import { madeUpPast } from './made-up-past.ts';
import { callCount } from './own-decisions.ts';
import { clockCost } from './stopwatch.ts';
import { knowCallers, makeTables } from './sql-tables.ts';

export const sqlRow = 'Postgres: the same decision by one prepared query';

/** The buyers in the order of the plan. */
export class SqlDecisions {
  readonly #client: pg.Client;
  readonly #network: Network;
  readonly #calls: readonly MadeUpCall[];
  #next = 0;

  private constructor(client: pg.Client, network: Network, calls: readonly MadeUpCall[]) {
    this.#client = client;
    this.#network = network;
    this.#calls = calls;
  }

  /** The numbers must be there already. */
  static async build(url: string, schema: string, scale: Scale): Promise<SqlDecisions> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const network = madeUpNetwork(scale, indexNumbers(scale));
    const calls = madeUpCalls(scale, callCount);
    const past = madeUpPast(network, calls);
    await makeTables(client, schema, network, past);
    await knowCallers(client, past);
    return new SqlDecisions(client, network, calls);
  }

  async round(count: number): Promise<Round> {
    const samples = new Float64Array(count);
    for (let done = 0; done < count; done++) {
      const at = this.#next++ % this.#calls.length;
      const parameters = this.#parameters(at, 5);
      const began = performance.now();
      await this.#client.query({ name: 'decide', text: decision, values: parameters });
      samples[done] = (performance.now() - began) * 1_000 - clockCost;
    }
    return { [sqlRow]: figuresOf(samples) };
  }

  /** All who may take the call. */
  async eligible(at: number): Promise<readonly string[]> {
    const values = this.#parameters(at, 1_000);
    const { rows } = await this.#client.query<{ buyer: string }>({ text: decision, values });
    return rows.map(({ buyer }) => buyer);
  }

  async stop(): Promise<void> {
    await this.#client.end();
  }

  #parameters(at: number, attempts: number): readonly unknown[] & unknown[] {
    const call = this.#calls[at];
    const tracked = call && this.#network.numbers.get(call.to);
    const campaign = tracked && this.#network.campaigns.get(tracked.campaign);
    if (!call || !tracked || !campaign) throw new Error(`there is no call ${at}`);
    const now = noon + at * betweenCalls;
    const { country, timezone } = this.#network;
    const entry = { campaign, publisher: tracked.publisher, source: tracked.source };
    const known = attributesOf({ from: call.from, to: call.to, country, entry, at: now, timezone });
    return [call.to, call.from, JSON.stringify({ ...known, ...call.answers }), now, attempts];
  }
}

/** number, caller, attributes, milliseconds since the epoch, attempts → buyers, best first. */
const decision = `
select r.buyer
from numbers n
join campaigns c on c.id = n.campaign
join publishers p on p.id = n.publisher
join routes r on r.campaign = n.campaign
join buyers b on b.id = r.buyer and not b.paused
join trunks t on t.id = b.trunk and t.up
cross join lateral (
  select wall, wall::date as day, extract(hour from wall)::int * 60 + extract(minute from wall)::int as minute
  from (select to_timestamp($4::bigint / 1000.0) at time zone b.timezone as wall) as at_the_buyer
) w
where n.number = $1::text
  and not exists (
    select from conditions k where k.buyer = b.id
    group by k.clause
    having not bool_or(coalesce(case k.kind
      when 'is' then ($3::jsonb ->> k.attribute) = any (k.texts)
      when 'is not' then ($3::jsonb ->> k.attribute) <> all (k.texts)
      else ($3::jsonb ->> k.attribute)::numeric between k.low and k.high
    end, false))
  )
  and (b.always or exists (
    select from (values (0), (1)) as d(ago)
    cross join lateral (
      select h.from_minute, h.to_minute from hours h
      where h.buyer = b.id and h.weekday = extract(isodow from w.day - d.ago)::int
        and not exists (select from exceptions e where e.buyer = b.id and e.day = w.day - d.ago)
      union all
      select e.from_minute, e.to_minute from exceptions e where e.buyer = b.id and e.day = w.day - d.ago
    ) o
    where case d.ago
      when 0 then w.minute >= o.from_minute and (w.minute < o.to_minute or o.to_minute <= o.from_minute)
      else o.to_minute <= o.from_minute and w.minute < o.to_minute
    end
  ))
  and not exists (
    select from caps k
    join counters s using (subject, count, per)
    left join live l on l.subject = k.subject
    where k.subject in (b.subject, r.subject, c.subject, p.subject)
      and s.value >= k.most - case k.count
        when 'connected' then coalesce(l.ringing, 0) when 'converted' then coalesce(l.held, 0) else 0 end
  )
  and not exists (
    select from live l
    join (values (b.subject, b.concurrency), (t.subject, t.concurrency), (r.subject, r.concurrency),
                 (c.subject, c.concurrency), (p.subject, p.concurrency)) as m(subject, most) using (subject)
    where l.held >= m.most
  )
  and (b.last_offered is null or $4::bigint - b.last_offered >= b.spacing)
  and (t.cps is null or t.started < t.cps)
  and (c.repeat_within is null or not exists (
    select from seen s
    where s.caller = $2::text and s.campaign = c.id and s.buyer = b.id and s.at > $4::bigint - c.repeat_within
  ))
order by r.priority, -ln(1 - random()) / r.weight
limit $5::int`;
