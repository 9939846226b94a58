// Loaded into a switch by NODE_OPTIONS: at SIGUSR2 its main thread works on something else for seconds, a third of one at
// a time, as it would at a fault of ours or on a machine that has no time for it.
import { isMainThread } from 'node:worker_threads';

const [pieces, pieceMs] = [12, 330];

if (isMainThread) {
  process.on('SIGUSR2', () => {
    let left = pieces;
    const work = () => {
      const until = performance.now() + pieceMs;
      while (performance.now() < until);
      if (--left > 0) setImmediate(work);
    };
    work();
  });
}
