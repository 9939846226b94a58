import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, FrameReader } from '../../src/embedded/sip/front/frames.ts';
import { Routes } from '../../src/embedded/sip/front/routes.ts';
import { parseListenAddress } from '../../src/embedded/sip/listen-address.ts';
import { StreamFramer } from '../../src/embedded/sip/transport/stream-framer.ts';

/** Cuts bytes into chunks at any places. */
const cuts = (bytes: Buffer) =>
  fc.array(fc.nat(bytes.length), { maxLength: 12 }).map((places) => {
    const at = [0, ...places.sort((a, b) => a - b), bytes.length];
    return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  });

const collect = <T>(chunks: Buffer[], push: (chunk: Buffer) => Iterable<T>) =>
  chunks.flatMap((chunk) => [...push(chunk)]);

describe('frames', () => {
  it('come whole however the stream is cut, counted in bytes', () => {
    const texts = ['a|ping', 'b|sip||\r\nINVITE € 12#3', 'c'];
    const stream = Buffer.concat(
      texts.map((text) => Buffer.concat([Buffer.from(`${Buffer.byteLength(text)}#`), Buffer.from(text)])),
    );
    fc.assert(
      fc.property(cuts(stream), (chunks) => {
        const reader = new FrameReader();
        expect(collect(chunks, (chunk) => reader.push(chunk)).map(String)).toEqual(texts);
      }),
    );
  });

  it.each(['x#', '12345678', '0#', '#', '-1#a', '1e3#'])('are lost where %s stands for a length', (text) => {
    expect([...new FrameReader().push(Buffer.from(text))]).toEqual(['lost']);
  });

  it('are written as they are read', () => {
    const [payload] = [...new FrameReader().push(frame('id|sip|\r\n', Buffer.from('x')))];
    expect(String(payload)).toBe('id|sip|\r\nx');
  });
});

describe('a TCP stream', () => {
  const one = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\nbody';
  const two = 'BYE sip:a SIP/2.0\r\nl: 0\r\n\r\n';

  it('yields its messages and pings however it is cut', () => {
    fc.assert(
      fc.property(cuts(Buffer.from(`${one}\r\n\r\n${two}${one}`)), (chunks) => {
        const framer = new StreamFramer();
        const pieces = collect(chunks, (chunk) => framer.push(chunk)).map(String);
        expect(pieces.filter((piece) => piece !== 'keepalive')).toEqual([one, two, one]);
      }),
    );
  });

  it('answers a ping that comes whole', () => {
    expect([...new StreamFramer().push(Buffer.from('\r\n\r\n'))]).toEqual(['keepalive']);
  });

  it.each(['Content-Length: x', 'Content-Length: 999999999', 'Content-Length: -5'])(
    'is lost at %s',
    (header) => {
      expect([...new StreamFramer().push(Buffer.from(`BYE sip:a SIP/2.0\r\n${header}\r\n\r\n`))]).toEqual([
        'lost',
      ]);
    },
  );

  it('is lost where headers never end', () => {
    expect([...new StreamFramer().push(Buffer.alloc(70_000, 'x'))]).toEqual(['lost']);
  });
});

describe('routes', () => {
  it('give each app its turn, and a verb without apps to none', () => {
    const routes = new Routes<string>();
    for (const app of ['a', 'b', 'c']) routes.add('invite', app);
    expect([1, 2, 3, 4].map(() => routes.pick('INVITE'))).toEqual(['a', 'b', 'c', 'a']);
    routes.removeApp('b');
    expect([1, 2, 3].map(() => routes.pick('INVITE')).sort()).not.toContain('b');
    expect(routes.pick('OPTIONS')).toBeUndefined();
  });
});

describe('an address to listen on', () => {
  it('is read with its protocol', () => {
    expect(parseListenAddress('udp:127.0.0.1:5060')).toEqual({
      protocol: 'udp',
      host: '127.0.0.1',
      port: 5060,
    });
    expect(parseListenAddress('tcp:[::1]:0')).toEqual({ protocol: 'tcp', host: '::1', port: 0 });
  });

  it.each(['127.0.0.1:5060', 'tls:127.0.0.1:5061', 'udp:127.0.0.1', 'udp:127.0.0.1:70000', 'udp::5060'])(
    'is not %s',
    (text) => expect(() => parseListenAddress(text)).toThrow('write it like'),
  );
});
