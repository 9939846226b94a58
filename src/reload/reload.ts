/**
 * A changed config, taken over while calls run: load and check in a thread of its own, compile in slices, install in
 * one tick. Whatever fails on the way changes nothing.
 */
import type { Problem } from '../config/config.ts';
import type { LookBack } from '../routing/look-back.ts';
import { compileInSlices, type RoutingTable, type Slices } from '../routing/table.ts';
import type { TermsInParts } from '../settlement/terms-parts.ts';
import { loadInThread } from './load-in-thread.ts';
import type { Standing } from './parcels.ts';
import { asFarAsItGoes, needsRestart } from './restart.ts';
import { stampOf, type Places } from './stamp.ts';
import { watchFiles } from './watch.ts';

/** Why it was looked at again: a file changed, SIGHUP, `tollbridge reload`. */
export type ReloadCause = 'file' | 'signal' | 'request';

export type Reloaded =
  | {
      readonly ok: true;
      /** Absolute path of the config. */
      readonly config: string;
      /** The hash of the table by which calls are routed from now on. */
      readonly table: string;
      /** Whether that is another one than before. */
      readonly changed: boolean;
      /** What the file says otherwise and only a restart will change: `engine.listen`. */
      readonly restart: readonly string[];
      /** Warnings. */
      readonly problems: readonly Problem[];
    }
  | { readonly ok: false; readonly config: string; readonly problems: readonly Problem[] };

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
  /** Watches no more; resolves when no reload is under way. */
  readonly stop: () => Promise<void>;
}

/** Two milliseconds of work, then whatever waits: a packet every 20 ms is never late for it. */
const betweenCalls: Slices = {
  budgetMs: 2,
  now: () => performance.now(),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Watches from the start; the config that runs is taken to be what its files hold now. */
export async function watchAndReload(options: ReloadOptions): Promise<Reload> {
  const { running, onReloaded, slices = betweenCalls, poll } = options;
  const files = watchFiles({ onChange: () => void reload('file'), ...(poll !== undefined && { poll }) });
  let places: Places = running();
  files.follow(places, await stampOf(places));
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
    const stamp = await stampOf(places);
    const { result, read } = await tryReload(options, slices);
    const isSame = read === null || samePlaces(read, places);
    places = read ?? places;
    files.follow(places, isSame ? stamp : await stampOf(places));
    onReloaded(cause, result);
    return result;
  };

  return {
    reload,
    stop: async () => {
      files.stop();
      while (underWay ?? next) await (next ?? underWay);
    },
  };
}

/** `read`: where the config was read from, right or wrong; null where that is not known. */
async function tryReload(
  { data, running, install, load = loadInThread }: ReloadOptions,
  slices: Slices,
): Promise<{ readonly result: Reloaded; readonly read: Places | null }> {
  const before = running();
  const refused = (problems: readonly Problem[]): Reloaded => ({ ok: false, config: before.file, problems });
  try {
    const loaded = await load({ file: before.file, data }, slices);
    if (!loaded.ok) return { result: refused(loaded.problems), read: loaded };
    const { terms, lookBack } = loaded;
    const config = asFarAsItGoes(before, loaded.config);
    const routing = await compileInSlices(config.network, slices);
    const whyNot = await install({ config, routing, terms, lookBack });
    if (whyNot !== null) {
      return { result: refused([problem(before.file, whyNot), ...loaded.problems]), read: config };
    }
    const result: Reloaded = {
      ok: true,
      config: before.file,
      table: config.hash,
      changed: config.hash !== before.hash,
      restart: needsRestart(before, loaded.config),
      problems: loaded.problems,
    };
    return { result, read: config };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { result: refused([problem(before.file, `could not be loaded: ${why}`)]), read: null };
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
