/**
 * A POST that carries an Idempotency-Key is carried out at most once: who asks again under it is told what was told before.
 * Not kept is a refusal that says that nothing was done; what failed in the middle leaves a key that is used up.
 */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { ApiRecords } from '../records/api/api-records.ts';
import type { Keyed } from '../records/api/answers.ts';
import type { Api } from './api.ts';
import { refuseWith, type Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The claim that this request holds until it is answered. */
    claimed: Keyed | null;
    /** Something was thrown while it was carried out. */
    hasFailed: boolean;
  }
}

export function keepAnswers(api: Api, answers: ApiRecords['answers']): void {
  api.decorateRequest('claimed', null);
  api.decorateRequest('hasFailed', false);
  api.addHook('onError', (request, _reply, _error, done) => {
    request.hasFailed = true;
    done();
  });
  // Those that are not forgotten now are so an hour later.
  const forgetting = setInterval(() => void answers.forget().catch(() => undefined), hour);
  api.addHook('onClose', (_api, done) => {
    clearInterval(forgetting);
    done();
  });

  api.addHook('preHandler', async (request, reply) => {
    const given = request.headers['idempotency-key'];
    if (request.method !== 'POST' || given === undefined || !isKept(request)) return undefined;
    const key = keyOf(given);
    if (key === null) return refuseWith(reply, refusals.bad_key);
    const keyed = { asker: request.asker.id, key, request: digestOf(request) };
    const claim = await answers.claim(keyed);
    switch (claim.kind) {
      case 'mine':
        request.claimed = keyed;
        return undefined;
      case 'answered':
        return reply
          .code(claim.status)
          .type(claim.status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json')
          .header('Idempotency-Replayed', 'true')
          .send(claim.body);
      case 'another_request':
        return refuseWith(reply, refusals.key_reused);
      case 'in_progress':
        void reply.header('Retry-After', '1');
        return refuseWith(reply, refusals.in_progress);
      case 'unknown_outcome':
        return refuseWith(reply, refusals.unknown_outcome);
    }
  });

  api.addHook('onSend', async (request, reply, payload) => {
    const { claimed } = request;
    if (claimed === null) return payload;
    request.claimed = null;
    const done = reply.statusCode < 500 && typeof payload === 'string';
    const noted = done
      ? answers.keep(claimed, { status: reply.statusCode, body: payload })
      : request.hasFailed
        ? answers.leaveUnknown(claimed)
        : answers.letGo(claimed);
    // What was done is told, though the records have gone meanwhile; the claim then runs out by itself.
    await noted.catch(() => undefined);
    return payload;
  });
}

const hour = 3_600_000;

/** Those for anyone are not: there is nobody whose key it would be. */
const isKept = ({ routeOptions }: FastifyRequest): boolean => Array.isArray(routeOptions.config.access);

/** A string of the structured headers (RFC 9651), or bare. */
function keyOf(header: string | string[]): string | null {
  const text = Array.isArray(header) ? header.join() : header;
  return /^"([\x21\x23-\x7e]{1,128})"$|^([\x21\x23-\x7e]{1,128})$/.exec(text)?.slice(1).find(Boolean) ?? null;
}

function digestOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('hex');
}

const refusals = {
  bad_key: {
    status: 400,
    reason: 'bad_idempotency_key',
    detail: 'an Idempotency-Key is 1 to 128 visible characters',
  },
  key_reused: {
    status: 422,
    reason: 'key_reused',
    detail: 'this Idempotency-Key came with another request before',
  },
  in_progress: {
    status: 409,
    reason: 'in_progress',
    detail: 'the same request is being carried out: ask again in a moment',
  },
  unknown_outcome: {
    status: 409,
    reason: 'unknown_outcome',
    detail: 'it was begun, and nobody knows whether it was carried out: look, then ask under another key',
  },
} as const satisfies Readonly<Record<string, Problem>>;
