/** Reading an event socket: as the library reads what is in order, and in good temper what is not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldLines } from '../../../src/media/freeswitch/event-socket/fields.ts';
import { MessageReader } from '../../../src/media/freeswitch/event-socket/message-reader.ts';
import { byLibrary, byOurs, inPieces } from '../../support/event-socket.ts';
import '../../support/properties.ts';

const name = fc.stringMatching(/^[A-Z][A-Za-z0-9_-]{0,20}$/).filter((one) => !/^(Content|Reply)-/.test(one));
const fields = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true, maxKeys: 30 });
const body = fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined });

const lines = (headers: object) =>
  Object.entries(headers)
    .map(([key, value]) => `${key}: ${encodeURIComponent(String(value))}\n`)
    .join('');
const withLength = (text: string) => `Content-Length: ${Buffer.byteLength(text)}\n\n${text}`;
const message = fc.oneof(
  fc
    .record({ fields })
    .map((one) => `${lines(one.fields)}Content-Type: command/reply\nReply-Text: %2BOK%0A\n\n`),
  fc.string({ unit: 'grapheme' }).map((text) => `Content-Type: api/response\n${withLength(text)}`),
  fc
    .record({ fields, body })
    .map((one) => `${lines(one.fields)}${one.body === undefined ? '\n' : withLength(one.body)}`)
    .filter((text) => text !== '\n')
    .map((text) => `Content-Type: text/event-plain\n${withLength(text)}`),
  fc
    .record({ fields, body })
    .map((one) => JSON.stringify(one.body === undefined ? one.fields : { ...one.fields, _body: one.body }))
    .map((text) => `Content-Type: text/event-json\n${withLength(text)}`),
);

test('hears of the same messages as the library does, in however many pieces they come', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(400)), (messages, cuts) => {
      const pieces = inPieces(Buffer.from(messages.join('')), cuts);
      const ours = byOurs(pieces);
      expect(ours.events).toEqual(byLibrary(pieces));
      expect(ours.events).toHaveLength(messages.length);
      expect(ours.gibberish).toBe(0);
    }),
  );
});

const fragments = fc.constantFrom(
  ...[
    'Content-Length: ',
    'Content-Type: ',
    '\n',
    '\n\n',
    ': ',
    '%',
    '%C3%28',
    '-1',
    '7',
    '99999999999',
    '{',
    '}',
  ],
  ...['text/event-json', 'text/event-plain', 'api/response', '"Event-Name"', '[]', 'null', '\0', '\r\n'],
);
const noise = fc
  .array(
    fc.oneof(
      fragments.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
  )
  .map((parts) => Buffer.concat(parts));

test('never throws at what is none, tells of it once at most, and ends the connection where it has lost the thread', () => {
  fc.assert(
    fc.property(noise, fc.array(fc.nat(60)), (bytes, cuts) => {
      const { gibberish, isEnded } = byOurs(inPieces(bytes, cuts), 64);
      expect(gibberish).toBeLessThanOrEqual(1);
      if (isEnded) expect(gibberish).toBe(1);
    }),
  );
});

test('keeps no more than the longest message, however it comes', () => {
  const endless = new MessageReader(1_000);
  let taken = 0;
  while (!endless.isBroken) {
    expect(endless.take(Buffer.from('x: y\n'))).toEqual([]);
    taken += 5;
  }
  expect(taken).toBe(1_005);
  expect(endless.take(Buffer.from('Content-Type: api/response\n\n'))).toEqual([]);
  for (const length of ['1001', '-1', '1e2', 'many', '']) {
    const reader = new MessageReader(1_000);
    reader.take(Buffer.from(`Content-Type: api/response\nContent-Length: ${length}\n\n`));
    expect([length, reader.isBroken]).toEqual([length, true]);
  }
});

test('hands on what was in order before it was not, and nothing after', () => {
  const good = 'Content-Type: command/reply\nReply-Text: +OK\n\n';
  const { events, gibberish, isEnded } = byOurs([Buffer.from(`${good}Content-Length: none\n\n${good}`)]);
  expect(events).toHaveLength(1);
  expect({ gibberish, isEnded }).toEqual({ gibberish: 1, isEnded: true });
});

test('an event that cannot be read is told of, and the next one is read', () => {
  const event = (text: string) => `Content-Type: text/event-json\n${withLength(text)}`;
  const text = ['{"Event-Name":', '[]', '{"Event-Name":"DTMF"}'].map(event).join('');
  const { events, gibberish, isEnded } = byOurs([Buffer.from(text)]);
  expect(events).toMatchObject([{ type: 'DTMF' }]);
  expect({ gibberish, isEnded }).toEqual({ gibberish: 1, isEnded: false });
});

test('who throws as it hears a message keeps no other from being heard', () => {
  const reply = (text: string) => `Content-Type: command/reply\nReply-Text: ${text}\n\n`;
  const chunk = Buffer.from(['one', 'two', 'three'].map(reply).join(''));
  const defect = new Error('at the first');
  const { events, thrown, isEnded } = byOurs([chunk], 1_000, Buffer.alloc(0), (nth) => {
    if (nth === 1) throw defect;
  });
  expect(events.map(({ headers }) => headers.find(({ name }) => name === 'Reply-Text')?.value)).toEqual([
    'one',
    'two',
    'three',
  ]);
  expect({ thrown, isEnded }).toEqual({ thrown: [defect], isEnded: false });
});

test('one empty line too many after a reply is no message', () => {
  const reply = 'Content-Type: command/reply\nReply-Text: -ERR no such thing\n\n';
  const { events, gibberish } = byOurs([Buffer.from(`${reply}\n\n${reply}\n${reply}`)]);
  expect(events).toHaveLength(3);
  expect(gibberish).toBe(0);
});

test('a header that is encoded wrongly stays as it came', () => {
  const event = new FieldLines('variable_a: 100%\nvariable_b: %C3%28\nvariable_c: %41');
  expect(['a', 'b', 'c'].map((one) => event.get(`variable_${one}`))).toEqual(['100%', '%C3%28', 'A']);
});

test('a name is a whole name, at the beginning of a line', () => {
  const event = new FieldLines(
    'Other-Unique-ID: two\nX: Unique-ID: three\nUnique-ID: one\nUnique-ID-Of: four\nEmpty: ',
  );
  expect(event.get('Unique-ID')).toBe('one');
  expect(event.get('Empty')).toBe('');
  expect(event.get('ID')).toBeUndefined();
  expect(event.get('Nothing')).toBeUndefined();
});

test('the library dies of such a header, where nobody can catch it', () => {
  const far = 'Content-Type: command/reply\nvariable_sip_h_X-Rate: 100%\n\n';
  expect(() => byLibrary([Buffer.from(far)])).toThrow(URIError);
  expect(byOurs([Buffer.from(far)]).events).toHaveLength(1);
});

test('takes up in the middle what the library had not read yet', () => {
  const begun = Buffer.from('Content-Type: command/rep');
  const { events } = byOurs([Buffer.from('ly\nReply-Text: +OK\n\n')], undefined, begun);
  expect(events).toMatchObject([{ headers: [{ name: 'Content-Type', value: 'command/reply' }, {}] }]);
});
