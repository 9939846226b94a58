/** What a real drachtio server reported of the SIP that it spoke, read as the trace reads it. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFrame, sipStart } from '../../src/signalling/drachtio/wire-frame.ts';
import { TraceRing } from '../../src/trace/ring.ts';
import { traceView } from '../../src/trace/view.ts';
import { readRecording } from './wire/recording.ts';

const folder = new URL('./wire/drachtio/', import.meta.url);
const framesOf = (log: string) =>
  readRecording(new URL(log, folder)).flatMap((one) =>
    one.kind === 'frame' && one.from === 'server' && sipStart(one.payload) !== -1 ? [one.payload] : [],
  );
const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));

const inWords = (text: string) => /^(?:SIP\/2\.0 (\d+)|(\w+))/.exec(text)?.slice(1).join('');

describe('the frames of a drachtio server', () => {
  it.each(logs)('%s', (log) => {
    for (const frame of framesOf(log)) {
      const read = readFrame(frame);
      expect(read, frame).not.toBeNull();
      expect(read!.transport).toBe('udp');
      expect(read!.address).toMatch(/^127\.0\.0\.\d+:\d+$/);
      expect(read!.text).toMatch(/^(?:SIP\/2\.0 \d{3} |[A-Z]+ sip:)/);
    }
  });

  it('make the trace of a carrier’s call', () => {
    const traces = new TraceRing(
      () => 10,
      () => true,
    );
    const frames = framesOf('01-inbound-answer-remote-bye.log');
    for (const frame of frames) traces.saw(frame);
    const [sipCallId = ''] = /(?<=\r\nCall-ID: )\S+/.exec(frames[0] ?? '') ?? [];
    traces.follow('a-call', sipCallId);
    const found = traces.find('a-call');
    if (!found.ok) throw new Error(found.reason);
    expect(
      traceView(found.kept).messages.map(({ direction, text }) => `${direction} ${inWords(text)}`),
    ).toEqual([...['received INVITE', 'sent 200', 'received ACK', 'received BYE', 'sent 200']]);
  });
});
