/** Of faults of ours, and of what went ahead of the disk. */
import type { Registry } from 'prom-client';
import type { Log } from '../log.ts';
import { metricsIn } from './metrics.ts';

export interface FaultEvents {
  /** A caller's call failed by a fault of ours: it ends, the switch goes on. */
  defect(call: string, error: unknown): void;
  releaseFailed(call: string, kind: string, error: unknown): void;
  /** An API request failed by a fault of ours. */
  requestFailed(error: unknown): void;
  /** The call went on before its journal was on disk: a crash now could lose what it costs. */
  journalLate(call: string): void;
}

export function faultEvents(log: Log, registry: Registry): FaultEvents {
  const { counter } = metricsIn(registry);
  const defects = counter(
    'defects_total',
    'Faults of ours that ended a call, kept a release from happening or failed a request',
    ['where'],
  );
  // A counter that must read 0 is there to be read from the start.
  for (const where of ['story', 'release', 'request']) defects.inc({ where }, 0);
  const journalLate = counter(
    'journal_late_total',
    'Answers and connections that went ahead of the journal, for the disk did not answer in time',
    [],
  );

  return {
    defect(call, error) {
      defects.inc({ where: 'story' });
      log('error', 'defect', {
        call,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    },
    releaseFailed(call, kind, error) {
      defects.inc({ where: 'release' });
      log('error', 'release_failed', { call, kind, error: String(error) });
    },
    requestFailed(error) {
      defects.inc({ where: 'request' });
      log('error', 'request_failed', { error: error instanceof Error ? error.stack : String(error) });
    },
    journalLate(call) {
      journalLate.inc({});
      log('warn', 'journal_late', { call });
    },
  };
}
