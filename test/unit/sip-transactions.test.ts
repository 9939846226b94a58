import { describe, expect, it } from 'vitest';
import { SipResponse, type SipRequest } from '../../src/embedded/sip/message/message.ts';
import { parseMessage } from '../../src/embedded/sip/message/parse.ts';
import { newRequest } from '../../src/embedded/sip/new-request.ts';
import { standardTimers } from '../../src/embedded/sip/timers.ts';
import type { ClientUser } from '../../src/embedded/sip/transaction/environment.ts';
import { cancelOf, InviteClientTransaction } from '../../src/embedded/sip/transaction/invite-client.ts';
import { InviteServerTransaction } from '../../src/embedded/sip/transaction/invite-server.ts';
import { NonInviteClientTransaction } from '../../src/embedded/sip/transaction/non-invite-client.ts';
import { NonInviteServerTransaction } from '../../src/embedded/sip/transaction/non-invite-server.ts';
import type { Channel } from '../../src/embedded/sip/transport/channel.ts';
import { ManualClock } from './support/manual-clock.ts';

/** Each machine beside its figure in RFC 3261 §17 (and RFC 6026), with the timers of table 4, in milliseconds. */
const { t1, t4 } = standardTimers;

function stage(reliable: boolean) {
  const clock = new ManualClock();
  const sent: { at: number; line: string; text: string }[] = [];
  let fail: ((error: Error) => void) | undefined;
  const place = { host: '10.0.0.1', port: 5060 };
  const channel: Channel = {
    protocol: reliable ? 'tcp' : 'udp',
    reliable,
    local: place,
    remote: place,
    open: true,
    send(bytes, failed) {
      const text = bytes.toString('latin1');
      sent.push({ at: clock.now, line: text.slice(0, text.indexOf('\r\n')), text });
      fail = failed;
    },
  };
  const heard: string[] = [];
  const user: ClientUser = {
    response: ({ status }) => heard.push(String(status)),
    failed: (reason) => heard.push(reason),
    terminated: () => heard.push('end'),
  };
  const env = { clock, timers: standardTimers };
  return { clock, sent, channel, user, heard, env, breakSend: () => fail?.(new Error('refused')) };
}

function request(method: string): SipRequest {
  const made = newRequest({ method, uri: 'sip:b@10.0.0.2', from: 'sip:a@10.0.0.1' });
  made.headers
    .prepend('Via', 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1')
    .append('Contact', '<sip:a@10.0.0.1>');
  const parsed = parseMessage(made.toBuffer());
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error('not a request');
  return parsed.message;
}

const answer = (to: SipRequest, status: number) => {
  const response = SipResponse.to(to, status).setBody('');
  response.headers.set('To', `${to.headers.get('to')};tag=t`);
  return response;
};

describe('the INVITE client transaction', () => {
  const start = (reliable = false) => {
    const set = stage(reliable);
    const invite = request('INVITE');
    const transaction = new InviteClientTransaction(invite, set.channel, set.env, set.user);
    transaction.start();
    return { ...set, invite, transaction };
  };

  it('calling: repeats at T1, doubling, until B gives up after 64*T1', () => {
    const { clock, sent, heard, transaction } = start();
    clock.pass(64 * t1);
    expect(sent.map(({ at }) => at)).toEqual([0, 500, 1500, 3500, 7500, 15500, 31500]);
    expect(heard).toEqual(['timeout', 'end']);
    expect(transaction.state).toBe('terminated');
    expect(clock.waiting).toBe(0);
  });

  it('calling over a reliable transport: sends once', () => {
    const { clock, sent } = start(true);
    clock.pass(31_000);
    expect(sent).toHaveLength(1);
  });

  it('calling: a transport error is told and ends it', () => {
    const { heard, breakSend, clock } = start();
    breakSend();
    expect(heard).toEqual(['transport', 'end']);
    expect(clock.waiting).toBe(0);
  });

  it('proceeding: repeats no more, and waits as long as it takes', () => {
    const { clock, sent, heard, invite, transaction } = start();
    transaction.receive(answer(invite, 180));
    clock.pass(600_000);
    expect(sent).toHaveLength(1);
    expect(transaction.state).toBe('proceeding');
    expect(heard).toEqual(['180']);
  });

  it('proceeding after CANCEL: waits 64*T1 at most (§9.1)', () => {
    const { clock, heard, invite, transaction } = start();
    transaction.receive(answer(invite, 180));
    transaction.cancelled();
    clock.pass(64 * t1);
    expect(heard).toEqual(['180', 'timeout', 'end']);
  });

  it('completed: acknowledges the failure, and each repetition of it, for 64*T1', () => {
    const { clock, sent, heard, invite, transaction } = start();
    transaction.receive(answer(invite, 486));
    transaction.receive(answer(invite, 486));
    expect(heard).toEqual(['486']);
    const acks = sent.filter(({ line }) => line.startsWith('ACK'));
    expect(acks).toHaveLength(2);
    expect(acks[0]!.text).toContain('branch=z9hG4bK1');
    expect(acks[0]!.text).toContain(';tag=t\r\n');
    clock.pass(64 * t1);
    expect(heard).toEqual(['486', 'end']);
  });

  it('accepted: hands up every 2xx for 64*T1, and acknowledges none itself', () => {
    const { clock, sent, heard, invite, transaction } = start();
    transaction.receive(answer(invite, 200));
    transaction.receive(answer(invite, 200));
    transaction.receive(answer(invite, 486));
    clock.pass(64 * t1);
    expect(heard).toEqual(['200', '200', 'end']);
    expect(sent).toHaveLength(1);
  });

  it('gives its CANCEL the branch, CSeq number and tags of the INVITE', () => {
    const invite = request('INVITE');
    const cancel = cancelOf(invite);
    expect(cancel.headers.get('via')).toBe(invite.headers.get('via'));
    expect(cancel.cseq).toEqual({ seq: invite.cseq!.seq, method: 'CANCEL' });
    expect([cancel.fromTag, cancel.toTag, cancel.uri]).toEqual([invite.fromTag, invite.toTag, invite.uri]);
  });
});

describe('the non-INVITE client transaction', () => {
  const start = (reliable = false) => {
    const set = stage(reliable);
    const options = request('OPTIONS');
    const transaction = new NonInviteClientTransaction(options, set.channel, set.env, set.user);
    transaction.start();
    return { ...set, options, transaction };
  };

  it('trying: repeats at T1, doubling up to T2, until F', () => {
    const { clock, sent, heard } = start();
    clock.pass(64 * t1);
    expect(sent.map(({ at }) => at).slice(0, 6)).toEqual([0, 500, 1500, 3500, 7500, 11500]);
    expect(heard).toEqual(['timeout', 'end']);
    expect(clock.waiting).toBe(0);
  });

  it('proceeding: goes on repeating, at T2', () => {
    const { clock, sent, options, transaction } = start();
    transaction.receive(answer(options, 183));
    clock.pass(9_000);
    expect(sent.map(({ at }) => at)).toEqual([0, 4000, 8000]);
  });

  it('completed: absorbs repetitions for T4, none over a reliable transport', () => {
    const { clock, heard, options, transaction } = start();
    transaction.receive(answer(options, 200));
    transaction.receive(answer(options, 200));
    expect(transaction.state).toBe('completed');
    clock.pass(t4);
    expect(heard).toEqual(['200', 'end']);
    const reliable = start(true);
    reliable.transaction.receive(answer(reliable.options, 200));
    expect(reliable.heard).toEqual(['200', 'end']);
    expect(reliable.clock.waiting).toBe(0);
  });
});

describe('the INVITE server transaction', () => {
  const start = (reliable = false) => {
    const set = stage(reliable);
    const invite = request('INVITE');
    return {
      ...set,
      invite,
      transaction: new InviteServerTransaction(invite, set.channel, set.env, set.user),
    };
  };

  it('proceeding: answers a repeated INVITE with its last provisional response', () => {
    const { sent, invite, transaction } = start();
    transaction.respond(answer(invite, 100));
    transaction.respond(answer(invite, 180));
    transaction.repeated();
    expect(sent.map(({ line }) => line)).toEqual([
      'SIP/2.0 100 Trying',
      'SIP/2.0 180 Ringing',
      'SIP/2.0 180 Ringing',
    ]);
  });

  it('completed: repeats the failure by G until H, and takes no other response', () => {
    const { clock, sent, heard, invite, transaction } = start();
    transaction.respond(answer(invite, 486));
    expect(transaction.respond(answer(invite, 200))).toBe(false);
    clock.pass(64 * t1);
    expect(sent.map(({ at }) => at).slice(0, 5)).toEqual([0, 500, 1500, 3500, 7500]);
    expect(heard).toEqual(['timeout', 'end']);
    expect(clock.waiting).toBe(0);
  });

  it('confirmed: is quiet after the ACK, and ends after T4', () => {
    const { clock, sent, heard, invite, transaction } = start();
    transaction.respond(answer(invite, 486));
    transaction.acknowledged();
    transaction.repeated();
    clock.pass(t4);
    expect(sent).toHaveLength(1);
    expect(heard).toEqual(['end']);
  });

  it('accepted: absorbs repeated INVITEs, and repeats its 2xx only when told (RFC 6026)', () => {
    const { clock, sent, heard, invite, transaction } = start();
    transaction.respond(answer(invite, 200));
    transaction.repeated();
    expect(sent).toHaveLength(1);
    transaction.repeatAnswer();
    expect(sent).toHaveLength(2);
    clock.pass(64 * t1);
    expect(heard).toEqual(['end']);
  });
});

describe('the non-INVITE server transaction', () => {
  const start = (reliable = false) => {
    const set = stage(reliable);
    const options = request('OPTIONS');
    return {
      ...set,
      options,
      transaction: new NonInviteServerTransaction(options, set.channel, set.env, set.user),
    };
  };

  it('trying: says nothing to a repetition', () => {
    const { sent, transaction } = start();
    transaction.repeated();
    expect(sent).toHaveLength(0);
  });

  it('completed: repeats its final response for J, and takes no other', () => {
    const { clock, sent, heard, options, transaction } = start();
    transaction.respond(answer(options, 200));
    transaction.repeated();
    expect(transaction.respond(answer(options, 500))).toBe(false);
    expect(sent.map(({ line }) => line)).toEqual(['SIP/2.0 200 OK', 'SIP/2.0 200 OK']);
    clock.pass(64 * t1);
    expect(heard).toEqual(['end']);
  });

  it('completed over a reliable transport: ends at once', () => {
    const { heard, options, transaction } = start(true);
    transaction.respond(answer(options, 200));
    expect(heard).toEqual(['end']);
  });
});
