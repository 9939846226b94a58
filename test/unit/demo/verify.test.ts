import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { type CallRecord, withRecords } from '../../../src/demo/call-records.ts';
import { type Caller, cast } from '../../../src/demo/cast.ts';
import { attemptInWords, leftOutInWords } from '../../../src/demo/in-words.ts';
import { Scene } from '../../../src/demo/scene.ts';
import { table, terminalOn } from '../../../src/demo/terminal.ts';
import { differences, ledgerDifferences } from '../../../src/demo/verify.ts';

const caller = (name: string, nth = 0) => cast.filter((one) => one.name === name)[nth]!;

describe('the demo verifies itself', () => {
  it('finds nothing where a call came as expected', () => {
    expect(differences(sceneOf(caller('Kim')), recordOf(caller('Kim')))).toEqual([]);
  });

  it('names what differs, with what was seen and what was expected', () => {
    const record = { ...recordOf(caller('Kim')), cause: 'caller_hangup', revenue: '0.00' };
    expect(differences(sceneOf(caller('Kim')), record)).toEqual([
      expect.stringContaining('the cause was caller_hangup, expected buyer_hangup'),
      expect.stringContaining('the revenue was 0.00, expected 9.00'),
    ]);
  });

  it('misses a call without a record, and a refusal with another status', () => {
    expect(differences(sceneOf(caller('Kim')), null)).toEqual([expect.stringContaining('no record')]);
    const scene = sceneOf(caller('Gus'));
    scene.end = { by: 'far_end', cause: 'refused', status: 503, reason: '' };
    expect(differences(scene, null)).toEqual([expect.stringContaining('503, expected 404')]);
  });

  it('finds a caller with keys to press who heard no prompt', () => {
    const scene = sceneOf(caller('Ann'));
    scene.heard = null;
    expect(differences(scene, recordOf(caller('Ann')))).toEqual([expect.stringContaining('heard no prompt')]);
  });

  it('holds the ledger against what the cast is worth', () => {
    const ledger = { currency: 'USD', publishers: [], buyers: [] };
    const right = { ...ledger, revenue: '216.00', payout: '122.90', margin: '93.10' };
    expect(ledgerDifferences(cast, { currencies: [right] })).toEqual([]);
    expect(ledgerDifferences(cast, { currencies: [{ ...right, payout: '122.91' }] })).toEqual([
      expect.stringContaining('payout is 122.91, expected 122.90'),
    ]);
    expect(ledgerDifferences(cast, { currencies: [] })).toHaveLength(1);
  });

  it('gives a caller who called twice the records in the order of the calls', () => {
    const [first, second] = [sceneOf(caller('Ann')), sceneOf(caller('Ann', 1))];
    [first.began, second.began] = [1, 2];
    const records = [recordOf(caller('Ann')), recordOf(caller('Ann', 1))];
    expect(withRecords([second, first], records)).toEqual([
      { scene: first, record: records[0] },
      { scene: second, record: records[1] },
    ]);
  });
});

describe('the demo says why', () => {
  it('a buyer was tried', () => {
    expect(attemptInWords({ buyer: 'helio', result: 'busy', status: 486 })).toBe('helio was busy (486)');
    expect(attemptInWords({ buyer: 'helio', result: 'early_hangup', status: 200 })).toBe(
      'helio: early hangup',
    );
  });

  it('a buyer was left out', () => {
    const accepts = { buyer: 'sunrise', rule: 'accepts', about: 'caller.state', limit: ['TX', 'OK'] };
    expect(leftOutInWords({ ...accepts, seen: 'CA' })).toBe(
      'sunrise takes caller.state TX or OK, this is CA',
    );
    expect(leftOutInWords({ ...accepts, seen: null })).toContain('this is not known');
    expect(leftOutInWords({ buyer: 'sunrise', rule: 'concurrency', seen: 2, limit: 2 })).toBe(
      'sunrise had 2 of 2 calls',
    );
  });
});

it.each(['demo', 'tollbridge'])('config/%s.yaml loads without a word', async (name) => {
  expect(await loadConfig(`config/${name}.yaml`, {})).toMatchObject({ ok: true, problems: [] });
});

it('columns are as wide as their widest cell, colour or not', () => {
  const terminal = terminalOn({ isTTY: true, columns: 80, rows: 24, write: () => undefined }, {});
  const { green } = terminal.paint;
  const lines = table(
    terminal,
    [{ title: 'a' }, { title: 'sum', align: 'right' }],
    [
      [green('long cell'), '1.00'],
      ['b', green('10.00')],
    ],
  );
  expect(lines.replaceAll(/\u001b\[\d+m/g, '')).toBe(
    '  a            sum\n  long cell   1.00\n  b          10.00\n',
  );
});

function sceneOf(one: Caller): Scene {
  const scene = new Scene(one);
  scene.heard = { seconds: 9, speech: 6, tone: 0, silence: 3, loudestTone: null, stretches: [] };
  return scene;
}

/** The record that the cast expects of this caller. */
function recordOf({ from, to, expected }: Caller): CallRecord {
  if ('refused' in expected) throw new Error('a refused call has no record');
  const pairs = (texts: readonly string[]) => texts.map((text) => text.split(' ') as [string, string]);
  return {
    id: `${String(from)} ${to}`,
    started_at: '2026-01-01T00:00:00.000Z',
    from,
    to,
    campaign: 'solar',
    publisher: 'clickwise',
    source: null,
    outcome: expected.outcome,
    cause: expected.cause,
    buyer: expected.buyer,
    connected_ms: 1,
    revenue: expected.revenue,
    payout: expected.payout,
    margin: '0.00',
    payout_reason: '',
    attempts: pairs(expected.attempts).map(([buyer, result]) => ({ buyer, result, status: 200 })),
    left_out: pairs(expected.leftOut).map(([buyer, rule]) => ({ buyer, rule, seen: null, limit: null })),
  };
}
