/** A Kamailio that does nothing but do_routing, many times for one request. */
export const modules = ['sl', 'pv', 'textops', 'db_postgres', 'benchmark', 'drouting'] as const;

export interface KamailioSettings {
  readonly folder: string;
  /** postgres:// */
  readonly database: string;
  readonly tables: string;
  /** UDP, on loopback. */
  readonly port: number;
}

export function kamailioConfig({ folder, database, tables, port }: KamailioSettings): string {
  return `#!KAMAILIO
debug=-1
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=off
listen=udp:127.0.0.1:${port}
max_while_loops=100000
mpath="${folder}"
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("drouting", "db_url", "${database}")
modparam("drouting", "drd_table", "${tables}gateways")
modparam("drouting", "drr_table", "${tables}rules")
modparam("drouting", "drl_table", "${tables}gw_lists")
modparam("drouting", "drg_table", "${tables}groups")
modparam("drouting", "force_dns", 0)
modparam("drouting", "use_domain", 0)
modparam("drouting", "ruri_avp", '$avp(dr_ruri)')
modparam("drouting", "attrs_avp", '$avp(dr_attrs)')
# Within a group of gateways the order is drawn.
modparam("drouting", "sort_order", 1)
modparam("benchmark", "enable", 1)
# It logs every so many timings: never.
modparam("benchmark", "granularity", 100000000)

request_route {
  $var(count) = $(hdr(X-Count){s.int});
  $var(at) = 0;
  $var(found) = 0;
  $var(times) = "";
  $var(idle) = "";
  while ($var(at) < $var(count)) {
    $rU = $(hdr(X-Numbers){s.select,$var(at),,});
    bm_start_timer("idle");
    bm_log_timer("idle");
    $var(idle) = $var(idle) + "," + $BM_time_diff;
    bm_start_timer("do_routing");
    do_routing("0");
    bm_log_timer("do_routing");
    if ($rd != "127.0.0.1") {
      $var(found) = $var(found) + 1;
    }
    $var(times) = $var(times) + "," + $BM_time_diff;
    # A call begins without what the one before was routed to.
    $(avp(dr_ruri)[*]) = $null;
    $(avp(dr_attrs)[*]) = $null;
    $rd = "127.0.0.1";
    $var(at) = $var(at) + 1;
  }
  if ($var(count) > 0) {
    append_to_reply("X-Times: $var(times)\\r\\n");
    append_to_reply("X-Idle: $var(idle)\\r\\n");
    append_to_reply("X-Found: $var(found)\\r\\n");
  }
  sl_send_reply("200", "OK");
}
`;
}
