/**
 * A changed config, taken over while calls run: load and check in a thread of its own, compile in slices, install in
 * one tick. Whatever fails on the way changes nothing.
 */
import type { Problem } from '../config/config.ts';
import type { LookBack } from '../routing/look-back.ts';
import { compileInSlices, type RoutingTable, type Slices } from '../routing/table.ts';
import type { TermsInParts } from '../settlement/terms-parts.ts';
import { loadInThread } from './load-in-thread.ts';
import type { Loaded, Standing } from './parcels.ts';
import { otherSettings } from './other-settings.ts';
import { asFarAsItGoes, needsRestart } from './restart.ts';
import { stampOf, type Places } from './stamp.ts';
import { watchFiles } from './watch.ts';

/** Why it was looked at again: a file changed, SIGHUP, `tollbridge reload`. */
export type ReloadCause = 'file' | 'signal' | 'request';

export type Reloaded = TakenOver | Refused;

interface TakenOver {
  readonly ok: true;
  /** Absolute path of the config. */
  readonly config: string;
  /** The hash of the table by which calls are routed from now on. */
  readonly table: string;
  /** Whether that is another one than before, or any of the settings is. */
  readonly changed: boolean;
  /** What changed beside the table: `limits`, `carriers`. */
  readonly settings: readonly string[];
  /** Since when the config stands as it does, ISO 8601: the last reload that changed it, or the start. */
  readonly since: string;
  /** What the file says otherwise and only a restart will change: `engine.listen`. */
  readonly restart: readonly string[];
  /** Warnings. */
  readonly problems: readonly Problem[];
}

interface Refused {
  readonly ok: false;
  readonly config: string;
  readonly problems: readonly Problem[];
}

export interface ReloadOptions {
  /** What `--data` said at the start. */
  readonly data: string | undefined;
  readonly running: () => Standing;
  /** Makes the new config the one that stands; or says why it cannot, and leaves everything as it was. */
  readonly install: (next: {
    readonly config: Standing;
    readonly routing: RoutingTable;
    readonly terms: TermsInParts;
    readonly lookBack: LookBack;
  }) => Promise<string | null>;
  /** Told of each reload, whoever asked for it. */
  readonly onReloaded: (cause: ReloadCause, result: Reloaded) => void;
  readonly slices?: Slices;
  /** In a thread of its own, unless given. */
  readonly load?: typeof loadInThread;
  /** Milliseconds between two looks at the files. */
  readonly poll?: number;
}

export interface Reload {
  readonly reload: (cause: ReloadCause) => Promise<Reloaded>;
  /** Watches no more; resolves when no reload is under way: one that takes longer is given up. */
  readonly stop: () => Promise<void>;
}

/** A set of files that grows with each look is taken as it is, and looked at once more when it has come to rest. */
const readsAtMost = 3;
/** How long a stop waits for the reload that is under way, milliseconds. */
const stopWithin = 3_000;
/** Differs from how anything looks. */
const unknownStamp = '';

/** Two milliseconds of work, then whatever waits: a packet every 20 ms is never late for it. */
const betweenCalls: Slices = {
  budgetMs: 2,
  now: () => performance.now(),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Watches from the start; the config that runs is taken to be what its files hold now. */
export async function watchAndReload(options: ReloadOptions): Promise<Reload> {
  const { data, running, onReloaded, load = loadInThread, slices = betweenCalls, poll } = options;
  const files = watchFiles({ onChange: () => void reload('file'), ...(poll !== undefined && { poll }) });
  const stopped = new AbortController();
  let places: Places = running();
  files.follow(places, await stampOf(places));
  let since = new Date().toISOString();
  let underWay: Promise<Reloaded> | null = null;
  let next: Promise<Reloaded> | null = null;

  /** Who asks while one is under way gets the one after: this one may have read the files too early. */
  const reload = (cause: ReloadCause): Promise<Reloaded> => {
    if (!underWay) {
      underWay = once(cause).finally(() => {
        underWay = null;
      });
      return underWay;
    }
    next ??= underWay.then(() => {
      next = null;
      return reload(cause);
    });
    return next;
  };

  const once = async (cause: ReloadCause): Promise<Reloaded> => {
    const tried = await tryReload(options, read, slices);
    if (tried.ok && tried.changed) since = new Date().toISOString();
    const result = tried.ok ? { ...tried, since } : tried;
    onReloaded(cause, result);
    return result;
  };

  /** Until it was read from where it is watched: what comes to a place after it was read is seen by the watch on it. */
  const read = async (): Promise<Loaded> => {
    for (let reads = 1; ; reads++) {
      files.follow(places, await stampOf(places));
      const loaded = await load({ file: running().file, data }, slices, { givenUp: stopped.signal });
      const from: Places = loaded.ok ? loaded.config : loaded;
      if (samePlaces(from, places)) return loaded;
      places = from;
      if (reads < readsAtMost) continue;
      files.follow(places, unknownStamp);
      return loaded;
    }
  };

  return {
    reload,
    stop: async () => {
      files.stop();
      const impatience = setTimeout(() => stopped.abort(), stopWithin);
      while (underWay ?? next) await (next ?? underWay);
      clearTimeout(impatience);
    },
  };
}

async function tryReload(
  { running, install }: ReloadOptions,
  read: () => Promise<Loaded>,
  slices: Slices,
): Promise<Omit<TakenOver, 'since'> | Refused> {
  const before = running();
  const refused = (problems: readonly Problem[]): Refused => ({ ok: false, config: before.file, problems });
  try {
    const loaded = await read();
    if (!loaded.ok) return refused(loaded.problems);
    const { terms, lookBack } = loaded;
    const config = asFarAsItGoes(before, loaded.config);
    const routing = await compileInSlices(config.network, slices);
    const settings = await otherSettings(before, config, slices);
    const whyNot = await install({ config, routing, terms, lookBack });
    if (whyNot !== null) return refused([problem(before.file, whyNot), ...loaded.problems]);
    return {
      ok: true,
      config: before.file,
      table: config.hash,
      changed: config.hash !== before.hash || settings.length > 0,
      settings,
      restart: needsRestart(before, loaded.config),
      problems: loaded.problems,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refused([problem(before.file, `could not be loaded: ${why}`)]);
  }
}

const problem = (file: string, message: string): Problem => ({
  severity: 'error',
  file,
  path: '',
  line: null,
  column: null,
  message,
  hint: 'nothing was changed; try again',
});

const samePlaces = (a: Places, b: Places): boolean =>
  a.files.join('\n') === b.files.join('\n') && a.folders.join('\n') === b.folders.join('\n');
