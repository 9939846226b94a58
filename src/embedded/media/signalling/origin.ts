import type { Channel, Listening } from '../../sip/stack.ts';
import { isLoopback, isWildcard } from '../../sip/transport/advertised.ts';

/**
 * Whether a request was sent by one of the sockets in `trust`. Only a datagram shows that: its source port is held by
 * that socket alone, while a connection comes from any port. Who may place a call here commands the whole server.
 */
export function isTrusted({ protocol, local, remote }: Channel, trust: readonly Listening[]): boolean {
  if (protocol !== 'udp') return false;
  return trust.some(
    ({ transport, host, port }) =>
      transport === 'udp' &&
      port === remote.port &&
      (host === remote.host || (isWildcard(host) && isOneMachine(local.host, remote.host))),
  );
}

/** The system gives a datagram from a wildcard socket to this machine the address that it is sent to, or another loopback one. */
function isOneMachine(local: string, remote: string): boolean {
  return local === remote || (isLoopback(local) && isLoopback(remote));
}
