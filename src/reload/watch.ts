import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { stampOf, watchedFolders, type Places } from './stamp.ts';

interface FileWatch {
  /** From now on these places are watched; how they look by this stamp is known, only what differs is told. */
  follow(places: Places, stamp: string): void;
  stop(): void;
}

interface WatchOptions {
  /** Told once the files have changed and have come to rest. */
  readonly onChange: () => void;
  /** Milliseconds between two looks where the file system tells of nothing: network file systems, some containers. */
  readonly poll?: number;
  /** Milliseconds for which files must rest: an editor or a copy may still be writing. */
  readonly rest?: number;
}

/**
 * Watches the folders, not the files: editors replace a file by renaming another over it, Kubernetes swaps a symbolic
 * link above it, and a watch on the file itself would stay with the old inode.
 */
export function watchFiles({ onChange, poll = 2_000, rest = 150 }: WatchOptions): FileWatch {
  let places: Places = { files: [], folders: [] };
  let known = '';
  let watchers: FSWatcher[] = [];
  let resting: NodeJS.Timeout | undefined;
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;

  const stir = () => {
    if (stopped()) return;
    clearTimeout(resting);
    resting = setTimeout(() => void look(), rest);
  };
  const look = async () => {
    const first = await stampOf(places);
    if (stopped() || first === known) return;
    await pause(rest);
    if ((await stampOf(places)) !== first) stir();
    else if (!stopped() && first !== known) {
      known = first;
      onChange();
    }
  };
  const polling = setInterval(() => void look(), poll);
  polling.unref();

  return {
    follow: (next, stamp) => {
      places = next;
      known = stamp;
      for (const watcher of watchers) watcher.close();
      watchers = watchedFolders(places).flatMap((folder) => watched(folder, stir));
    },
    stop: () => {
      stopping.abort();
      clearInterval(polling);
      clearTimeout(resting);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** None where the system gives no watch (too many of them, an odd file system): the poll sees it all the same. */
function watched(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
