import type { Endpoint, Media, MediaServerNow, Opened } from '../media.ts';
import { choose, freeOfAll } from './choose.ts';
import { FreeswitchServer } from './server.ts';
import type { ServerConfig, Surroundings } from './surroundings.ts';

const unavailable: Opened = { ok: false, reason: 'unavailable' };

/** Several FreeSWITCHes as one: each endpoint on the best of them, the second end of a bridge on the server of the first. */
export class FreeswitchPool implements Media {
  readonly #surroundings: Surroundings;
  #servers: readonly FreeswitchServer[];
  /** Out of the config, with calls that are not over yet. */
  readonly #retired = new Set<FreeswitchServer>();

  constructor(servers: readonly FreeswitchServer[], surroundings: Surroundings) {
    this.#servers = servers;
    this.#surroundings = surroundings;
  }

  get ready(): boolean {
    return choose(this.#servers.map(({ standing }) => standing)).length > 0;
  }

  get free(): number | null {
    return freeOfAll(this.#servers.map(({ standing }) => standing));
  }

  servers(): readonly MediaServerNow[] {
    return this.#servers.map(({ now }) => now);
  }

  /** Where the best cannot, the next is asked. */
  async open(offer?: string, beside?: Endpoint): Promise<Opened> {
    if (beside) {
      const home = [...this.#servers, ...this.#retired].find((server) => server.has(beside));
      return home ? home.open(offer) : unavailable;
    }
    const asked = new Set<FreeswitchServer>();
    for (;;) {
      const left = this.#servers.filter((server) => !asked.has(server));
      const [best] = choose(left.map((server) => ({ ...server.standing, server })));
      if (best === undefined) return unavailable;
      const opened = await best.server.open(offer);
      if (opened.ok || opened.reason === 'no_common_codec') return opened;
      asked.add(best.server);
    }
  }

  /** The servers of another config: one that is gone from it keeps its calls to their end. */
  use(configs: readonly ServerConfig[]): void {
    const before = this.#servers;
    this.#servers = configs.map((config) => {
      const known = before.find((server) => server.isAt(config));
      known?.use(config);
      return known ?? this.#added(config);
    });
    for (const server of before) if (!this.#servers.includes(server)) this.#retire(server);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers, ...this.#retired].map((server) => server.close()));
  }

  #added(config: ServerConfig): FreeswitchServer {
    const server = new FreeswitchServer(config, this.#surroundings);
    void server.connect().then((problem) => {
      if (problem !== null) server.keepTrying(problem);
    });
    return server;
  }

  #retire(server: FreeswitchServer): void {
    this.#retired.add(server);
    server.retire(() => this.#retired.delete(server));
  }
}
