/** Kamailio as a stateful proxy: the buyer of a number from a hash table, a transaction for each request, Record-Route. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { findKamailio } from '../bench-routing/kamailio.ts';
import { cores, pinned } from './cores.ts';
import { numbersFor, type Side, type SideUp } from './side.ts';
import { untilListening } from './until-listening.ts';

const modules = ['tm', 'sl', 'rr', 'pv', 'maxfwd', 'htable', 'textops', 'siputils'] as const;

type Kamailio = NonNullable<ReturnType<typeof findKamailio>>;

/** Null where Kamailio is not installed. */
export function kamailioSide(buyers: readonly number[]): Side | null {
  const found = findKamailio();
  if (!found || !modules.every((name) => existsSync(join(found.folder, `${name}.so`)))) return null;
  return {
    name: 'Kamailio: stateful proxy, a look-up',
    from: 1_000,
    start: () => start(found, buyers),
  };
}

async function start(found: Kamailio, buyers: readonly number[]): Promise<SideUp> {
  const folder = await mkdtemp(join(tmpdir(), 'tollbridge-bench-'));
  const port = await freePort();
  const file = join(folder, 'kamailio.cfg');
  await writeFile(file, proxyConfig(found.folder, port, buyers));
  const { program, before } = pinned('measured', found.binary);
  // A group of its own: on its way out Kamailio signals everybody in its group.
  const child = spawn(program, [...before, '-f', file, '-DD', '-E', '-m', '256', '-M', '16', '-Y', folder], {
    stdio: 'ignore',
    detached: true,
  });
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', end);
  await untilListening(port);
  return {
    target: { ports: [port], numbers: numbersFor(buyers.length) },
    programs: new Map([['kamailio', child.pid === undefined ? [] : [child.pid]]]),
    stop: async () => {
      process.off('exit', end);
      const gone = once(child, 'exit');
      end();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const proxyConfig = (folder: string, port: number, buyers: readonly number[]) => `#!KAMAILIO
debug=-1
log_stderror=yes
children=${cores.measured.split(',').length}
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=off
listen=udp:127.0.0.1:${port}
mpath="${folder}"
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("htable", "htable", "buyers=>size=8;")
modparam("rr", "enable_full_lr", 1)

event_route[htable:mod-init] {
${numbersFor(buyers.length)
  .map((number, pair) => `  $sht(buyers=>${number}) = "sip:${number}@127.0.0.1:${buyers[pair] ?? 0}";`)
  .join('\n')}
}

request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (has_totag()) {
    if (loose_route()) t_relay();
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (!is_method("INVITE")) {
    sl_send_reply("200", "OK");
    exit;
  }
  if ($sht(buyers=>$rU) == $null) {
    sl_send_reply("404", "Not Found");
    exit;
  }
  $ru = $sht(buyers=>$rU);
  record_route();
  t_relay();
}
`;
