/** Which app gets requests of which method: each in turn, among those that asked for it. */
export class Routes<App> {
  readonly #verbs = new Map<string, { apps: App[]; next: number }>();

  add(verb: string, app: App): void {
    const entry = this.#verbs.get(verb.toLowerCase()) ?? { apps: [], next: 0 };
    if (!entry.apps.includes(app)) entry.apps.push(app);
    this.#verbs.set(verb.toLowerCase(), entry);
  }

  remove(verb: string, app: App): void {
    const entry = this.#verbs.get(verb.toLowerCase());
    if (entry) entry.apps = entry.apps.filter((one) => one !== app);
  }

  removeApp(app: App): void {
    for (const verb of this.#verbs.keys()) this.remove(verb, app);
  }

  /** The app whose turn it is; undefined where none wants this method. */
  pick(method: string): App | undefined {
    const entry = this.#verbs.get(method.toLowerCase());
    if (!entry || entry.apps.length === 0) return undefined;
    const app = entry.apps[entry.next % entry.apps.length];
    entry.next = (entry.next + 1) % entry.apps.length;
    return app;
  }
}
