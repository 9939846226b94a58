import type pg from 'pg';
import type { Network } from '../../src/routing/network.ts';
import { fill } from './database.ts';

/** Empty, for what Kamailio takes to start with nothing to load; then with the network's numbers. */
export async function makeKamailioTables(client: pg.Client, prefix: string): Promise<void> {
  await client.query(`
    create table if not exists version (table_name varchar(32) primary key, table_version int not null);
    create table ${prefix}gateways (
      gwid int primary key, type int not null, address varchar(128) not null, strip int not null,
      pri_prefix varchar(64), attrs varchar(255), description varchar(128) not null);
    create table ${prefix}rules (
      ruleid int primary key, groupid varchar(255) not null, prefix varchar(64) not null,
      timerec varchar(255) not null, priority int not null, routeid varchar(64) not null,
      gwlist varchar(4000) not null, description varchar(128) not null);
    create table ${prefix}gw_lists (id int primary key, gwlist varchar(4000) not null, description varchar(128) not null);
    create table ${prefix}groups (
      id int primary key, username varchar(64) not null, domain varchar(128) not null, groupid int not null,
      description varchar(128) not null);
    insert into version values
      ('${prefix}gateways', 3), ('${prefix}rules', 3), ('${prefix}gw_lists', 1), ('${prefix}groups', 2)`);
}

/**
 * Every trunk a gateway, every campaign a list of its buyers' trunks, those of one priority a group; every number a rule.
 * Half of the numbers point at the whole list, half at its first gateway alone: what drouting takes depends on little
 * else. Lists are told apart by the last digit of the number.
 */
export async function fillKamailioTables(client: pg.Client, prefix: string, network: Network): Promise<void> {
  const gateways = new Map([...network.trunks.keys()].map((id, at) => [id, at + 1]));
  const gatewayOf = (buyer: string): number => gateways.get(network.buyers.get(buyer)?.trunk ?? '') ?? 0;
  await fill(
    client,
    `${prefix}gateways`,
    ['int', 'int', 'text', 'int', 'text', 'text', 'text'],
    [...gateways].map(([id, gateway]) => [gateway, 1, addressOf(gateway), 0, '', '', id]),
  );
  const lists = [...network.campaigns.values()].flatMap(({ id, routing }, at) => {
    const groups = new Map<number, number[]>();
    for (const { buyer, priority } of routing.routes) {
      groups.set(priority, [...(groups.get(priority) ?? []), gatewayOf(buyer)]);
    }
    const tiers = [...groups].sort(([a], [b]) => a - b).map(([, members]) => members.join(','));
    return [
      [2 * at + 1, tiers.join(';'), `${id} whole`],
      [2 * at + 2, tiers[0]?.split(',')[0], `${id} first`],
    ];
  });
  await fill(client, `${prefix}gw_lists`, ['int', 'text', 'text'], lists);
  await client.query(`
    insert into ${prefix}rules
    select row_number() over (), '0', substr(n.number, 2), '', 0, '0', '#' || l.id, ''
    from numbers n
    join ${prefix}gw_lists l on l.description =
      n.campaign || case when right(n.number, 1)::int % 2 = 0 then ' whole' else ' first' end`);
}

/** Whether the number's rule points at the whole list. */
export const hasWholeList = (number: string): boolean => Number(number.at(-1)) % 2 === 0;

const addressOf = (gateway: number): string => `10.20.${gateway >> 8}.${gateway & 255}:5060`;
