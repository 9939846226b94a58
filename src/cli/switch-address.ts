import { InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.ts';

/** Where the switch of this config takes calls by UDP, as a SIP URI; one on every address is reached on this machine. */
export async function switchAddress(file: string): Promise<string> {
  const loaded = await loadConfig(file, process.env);
  if (!loaded.ok)
    throw new InvalidArgumentError(`${file} does not load; see tollbridge check ${file}, or name --to.`);
  const { sip } = loaded.config.engine;
  const udp = sip.kind === 'embedded' ? sip.listen.find((address) => address.startsWith('udp:')) : undefined;
  if (udp === undefined)
    throw new InvalidArgumentError(`${file} names no udp address; name --to sip:HOST:PORT.`);
  return udp.replace('udp:', 'sip:').replace('0.0.0.0', '127.0.0.1');
}
