import type { RecordedCall } from '../drilled-switch.ts';

/** Every call reached the second buyer, at first after the first one failed as said, then, its breaker open, at once. */
export function failedOver(
  records: readonly RecordedCall[],
  fails: (attempt: RecordedCall['attempts'][number]) => boolean,
): readonly string[] {
  const lost = records.filter(({ buyer, connected_at }) => connected_at === null || buyer !== 'steady');
  const first = records.flatMap(({ attempts }) => attempts.filter(({ buyer }) => buyer === 'failing'));
  const others = first.filter((attempt) => !fails(attempt));
  const atOnce = records.filter(({ attempts }) => attempts.length === 1);
  return [
    ...(lost.length > 0 ? [`${lost.length} of ${records.length} calls did not reach the second buyer`] : []),
    ...(first.length === 0 ? ['no call was offered to the first buyer'] : []),
    ...others.slice(0, 3).map((attempt) => `an attempt failed otherwise: ${JSON.stringify(attempt)}`),
    ...(atOnce.length === 0 ? ['the breaker never opened'] : []),
  ];
}
