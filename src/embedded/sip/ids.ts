import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** RFC 3261 §8.1.1.7: the cookie that says that a branch is unique. */
export const branchCookie = 'z9hG4bK';

export function newBranch(): string {
  return branchCookie + randomBytes(10).toString('hex');
}

export function newTag(): string {
  return randomBytes(8).toString('hex');
}

export function newCallId(): string {
  return randomUUID();
}

/** A first CSeq leaves room to count up (RFC 3261 §8.1.1.5: below 2^31). */
export function firstCSeq(): number {
  return randomInt(1, 2 ** 30);
}
