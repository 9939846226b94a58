import { freePort } from '../../test/support/ports.ts';
import { writeSwitchConfig } from '../../test/support/switch-config.ts';
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

/** The drill's network in this directory, on ports that are free. */
export async function setUp(directory: string): Promise<SetUp> {
  const ports = { sip: await freePort(), http: await freePort() };
  const trunks = new Map<string, number>();
  for (const buyer of Object.keys(world.buyers)) trunks.set(buyer, await freePort());
  const config = await writeSwitchConfig(directory, world, { ...ports, trunks });
  const sut = new DrilledSwitch({ directory, config, http: `http://127.0.0.1:${ports.http}` });
  return { sut, sip: ports.sip, trunks };
}
