import type { Config } from '../config.ts';
import type { Report } from '../report.ts';
import type { Branch } from '../yaml/tree.ts';
import type { callsOf } from './calls-of.ts';

/** What every warning is judged by, and where it is told. */
export interface Judged {
  readonly config: Config;
  readonly tree: Branch;
  readonly report: Report;
  /** What is certain of the calls of each campaign. */
  readonly calls: ReturnType<typeof callsOf>;
}
