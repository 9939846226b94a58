/**
 * One function a business event: it logs and it counts, so that a log line and a metric never disagree. Digits that
 * callers press are in neither. Labels come from closed lists and from the config, never from a caller.
 */
import type { Registry } from 'prom-client';
import { buyerEvents, type BuyerEvents } from './observing/buyer-events.ts';
import { callEvents, type CallEvents } from './observing/call-events.ts';
import { configEvents, type ConfigEvents } from './observing/config-events.ts';
import { faultEvents, type FaultEvents } from './observing/fault-events.ts';
import type { Log } from './log.ts';
import { recordEvents, type RecordEvents } from './observing/record-events.ts';

export interface Events extends CallEvents, BuyerEvents, RecordEvents, ConfigEvents, FaultEvents {}

/** `onOffered` hears which INVITE became which call. */
export const createEvents = (
  log: Log,
  registry: Registry,
  onOffered: (call: string, sipCallId: string) => void = () => undefined,
): Events => ({
  ...callEvents(log, registry, onOffered),
  ...buyerEvents(log, registry),
  ...recordEvents(log, registry),
  ...configEvents(log, registry),
  ...faultEvents(log, registry),
});
