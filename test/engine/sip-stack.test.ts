import { afterEach, describe, expect, it } from 'vitest';
import {
  newRequest,
  SipStack,
  type Dialog,
  type IncomingRequest,
  type Protocol,
} from '../../src/embedded/sip/stack.ts';
import type { SipRequest, SipResponse } from '../../src/embedded/sip/message/message.ts';

const timers = { t1: 40, t2: 160, t4: 100 };
const stacks: SipStack[] = [];

async function stack(protocol: Protocol, request: (incoming: IncomingRequest) => void = () => undefined) {
  const opened = await SipStack.open({ listen: [{ protocol, host: '127.0.0.1', port: 0 }], request, timers });
  stacks.push(opened);
  return opened;
}

const place = (to: SipStack) => {
  const { transport, port } = to.listening[0]!;
  return `sip:bob@127.0.0.1:${port}${transport === 'tcp' ? ';transport=tcp' : ''}`;
};

function queue<T>() {
  const items: T[] = [];
  const waiting: ((item: T) => void)[] = [];
  return {
    push: (item: T) => {
      const next = waiting.shift();
      if (next) next(item);
      else items.push(item);
    },
    next: () =>
      new Promise<T>((resolve) => (items.length > 0 ? resolve(items.shift()!) : waiting.push(resolve))),
  };
}

async function settled(...of: SipStack[]) {
  for (const one of of) {
    await expect
      .poll(() => one.stats(), { timeout: 10_000 })
      .toMatchObject({ clientTransactions: 0, serverTransactions: 0, dialogs: 0, timers: 0, defects: 0 });
  }
}

afterEach(async () => {
  await Promise.all(stacks.splice(0).map((one) => one.close()));
});

describe.each<Protocol>(['udp', 'tcp'])('two stacks over %s', (protocol) => {
  it('carry a call with an offer in the INVITE, an INFO, a re-INVITE and a BYE from the called side', async () => {
    const events = queue<string>();
    let called: Dialog | null = null;
    const bob = await stack(protocol, (incoming) => {
      incoming.handlers = { acknowledged: () => events.push('ack') };
      expect(incoming.respond(180)).not.toBeNull();
      incoming.respond(200, { body: 'v=0\r\n', contentType: 'application/sdp' });
      called = incoming.dialog;
      called!.handlers = {
        request(within) {
          events.push(within.request.method);
          within.respond(200);
        },
      };
    });
    const alice = await stack(protocol);
    const answers = queue<{ response: SipResponse; dialog: Dialog | null }>();
    const invite = newRequest({
      method: 'INVITE',
      uri: place(bob),
      from: 'sip:alice@a',
      body: 'v=0\r\n',
      contentType: 'application/sdp',
    });
    expect(
      alice.send(invite, { response: (response, dialog) => answers.push({ response, dialog }) }).ok,
    ).toBe(true);

    expect((await answers.next()).response.status).toBe(180);
    const { response, dialog } = await answers.next();
    expect(response.status).toBe(200);
    dialog!.acknowledge(response.cseq!.seq);
    expect(await events.next()).toBe('ack');

    const replies = queue<SipResponse>();
    dialog!.request(
      'INFO',
      { body: 'Signal=5', contentType: 'application/dtmf-relay' },
      { response: (r) => replies.push(r) },
    );
    expect(await events.next()).toBe('INFO');
    expect((await replies.next()).status).toBe(200);
    dialog!.request(
      'INVITE',
      { body: 'v=0\r\n', contentType: 'application/sdp' },
      { response: (r) => replies.push(r) },
    );
    expect(await events.next()).toBe('INVITE');
    const again = await replies.next();
    expect(again.status).toBe(200);
    dialog!.acknowledge(again.cseq!.seq);

    dialog!.handlers = {
      request(within) {
        events.push(within.request.method);
        within.respond(200);
      },
    };
    called!.request('BYE', {}, { response: (r) => replies.push(r) });
    expect(await events.next()).toBe('BYE');
    expect((await replies.next()).status).toBe(200);
    await settled(alice, bob);
  });

  it('carry a call whose offer comes in the 200 and whose answer comes in the ACK', async () => {
    const acks = queue<SipRequest>();
    const bob = await stack(protocol, (incoming) => {
      incoming.handlers = { acknowledged: (ack) => acks.push(ack) };
      incoming.respond(200, { body: 'offer', contentType: 'application/sdp' });
      incoming.dialog!.handlers = { request: (within) => void within.respond(200) };
    });
    const alice = await stack(protocol);
    const answers = queue<{ response: SipResponse; dialog: Dialog | null }>();
    const invite = newRequest({ method: 'INVITE', uri: place(bob), from: 'sip:alice@a' });
    alice.send(invite, { response: (response, dialog) => answers.push({ response, dialog }) });
    const { response, dialog } = await answers.next();
    expect(response.body.toString()).toBe('offer');
    dialog!.acknowledge(response.cseq!.seq, { body: 'answer', contentType: 'application/sdp' });
    expect((await acks.next()).body.toString()).toBe('answer');
    const byes = queue<SipResponse>();
    dialog!.request('BYE', {}, { response: (r) => byes.push(r) });
    expect((await byes.next()).status).toBe(200);
    await settled(alice, bob);
  });

  it('end a cancelled call with 487 on both sides', async () => {
    const cancelled = queue<SipRequest>();
    const bob = await stack(protocol, (incoming) => {
      incoming.handlers = { cancelled: (by) => cancelled.push(by) };
      incoming.respond(180);
    });
    const alice = await stack(protocol);
    const answers = queue<SipResponse>();
    const invite = newRequest({ method: 'INVITE', uri: place(bob), from: 'sip:alice@a' });
    const sent = alice.send(invite, { response: (response) => answers.push(response) });
    expect((await answers.next()).status).toBe(180);
    if (sent.ok) sent.outgoing.cancel();
    expect((await cancelled.next()).method).toBe('CANCEL');
    expect((await answers.next()).status).toBe(487);
    await settled(alice, bob);
  });

  it('send BYE where the ACK of a 2xx never comes', async () => {
    const byes = queue<SipRequest | null>();
    const bob = await stack(protocol, (incoming) => {
      incoming.handlers = { unacknowledged: (bye) => byes.push(bye) };
      incoming.respond(200, { body: 'v=0\r\n', contentType: 'application/sdp' });
    });
    const alice = await stack(protocol);
    const within = queue<string>();
    const invite = newRequest({ method: 'INVITE', uri: place(bob), from: 'sip:alice@a' });
    alice.send(invite, {
      response(_, dialog) {
        dialog!.handlers = {
          request(incoming) {
            within.push(incoming.request.method);
            incoming.respond(200);
          },
        };
      },
    });
    expect((await byes.next())?.method).toBe('BYE');
    expect(await within.next()).toBe('BYE');
    await settled(alice, bob);
  });
});

describe('a stack', () => {
  it('answers 408 itself where nobody does, and 503 where nobody listens', async () => {
    const silent = await stack('udp', () => undefined);
    const alice = await stack('udp');
    const answers = queue<SipResponse>();
    alice.send(newRequest({ method: 'OPTIONS', uri: place(silent), from: 'sip:a@a' }), {
      response: (r) => answers.push(r),
    });
    expect(await answers.next()).toMatchObject({ status: 408, origin: 'stack' });
    const carol = await stack('tcp');
    const gone = await stack('tcp');
    const address = place(gone);
    await gone.close();
    carol.send(newRequest({ method: 'OPTIONS', uri: address, from: 'sip:a@a' }), {
      response: (r) => answers.push(r),
    });
    expect(await answers.next()).toMatchObject({ status: 503, origin: 'stack' });
  });

  it('names the address that it cannot have', async () => {
    const first = await stack('udp');
    const { port } = first.listening[0]!;
    const taken = SipStack.open({
      listen: [{ protocol: 'udp', host: '127.0.0.1', port }],
      request: () => undefined,
    });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE', address: `udp:127.0.0.1:${port}` });
  });
});
