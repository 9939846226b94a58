import { freePort } from '../../test/support/ports.ts';
import { writeSwitchConfig, type SwitchSetup } from '../../test/support/switch-config.ts';
import { DrilledSwitch } from './drilled-switch.ts';
import { world } from './world.ts';

export interface SetUp {
  /** Not started yet. */
  readonly sut: DrilledSwitch;
  /** The port where it takes calls. */
  readonly sip: number;
  /** Where each buyer is to answer. */
  readonly trunks: ReadonlyMap<string, number>;
}

/** A network, the crash drill's unless given, in this directory, on ports that are free. */
export async function setUp(
  directory: string,
  network: SwitchSetup = world,
  env: Readonly<Record<string, string>> = {},
): Promise<SetUp> {
  const ports = { sip: await freePort(), http: await freePort() };
  const trunks = new Map<string, number>();
  for (const buyer of Object.keys(network.buyers)) trunks.set(buyer, await freePort());
  const config = await writeSwitchConfig(directory, network, { ...ports, trunks });
  const sut = new DrilledSwitch({ directory, config, http: `http://127.0.0.1:${ports.http}`, env });
  return { sut, sip: ports.sip, trunks };
}
