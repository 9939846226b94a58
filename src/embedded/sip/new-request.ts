import type { Content } from './dialog.ts';
import { firstCSeq, newCallId, newTag } from './ids.ts';
import { formatAddress, parseAddress } from './message/address.ts';
import { Headers } from './message/headers.ts';
import { SipRequest } from './message/message.ts';

interface NewRequest extends Content {
  readonly method: string;
  readonly uri: string;
  /** Values of From and To: `sip:a@b`, `"Name" <sip:a@b>`. From gets a tag where it has none, To defaults to the URI. */
  readonly from: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
}

/** A request outside any dialog, with all that RFC 3261 §8.1.1 asks for but the Via. */
export function newRequest({
  method,
  uri,
  from,
  to = uri,
  callId,
  cseq,
  headers: extra,
  body,
  contentType,
}: NewRequest): SipRequest {
  const headers = new Headers()
    .append('Max-Forwards', '70')
    .append('From', tagged(from))
    .append('To', normal(to))
    .append('Call-ID', callId ?? newCallId())
    .append('CSeq', `${cseq ?? firstCSeq()} ${method}`);
  for (const { name, value } of extra ?? []) {
    if (name.toLowerCase() === 'max-forwards') headers.set(name, value);
    else headers.append(name, value);
  }
  return new SipRequest(method, uri, headers).setBody(body ?? '', contentType);
}

function tagged(value: string): string {
  const address = parseAddress(value);
  if (!address) return value;
  const params = address.params.has('tag') ? address.params : new Map([...address.params, ['tag', newTag()]]);
  return formatAddress({ ...address, params });
}

function normal(value: string): string {
  const address = parseAddress(value);
  return address ? formatAddress(address) : value;
}
