import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Timeline } from '../../../src/replay/timeline.ts';

test('things happen in the order of their time, and of their planning where that is the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const timeline = new Timeline();
      const happened: [number, number][] = [];
      for (const [turn, at] of times.entries()) timeline.plan(at, () => happened.push([timeline.now, turn]));
      timeline.run();
      const expected = times
        .map((at, turn): [number, number] => [at, turn])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(happened).toEqual(expected);
    }),
  );
});

test('what is planned on the way happens in its turn, and never in the past', () => {
  const timeline = new Timeline();
  const happened: string[] = [];
  timeline.plan(10, () => {
    happened.push(`a ${timeline.now}`);
    timeline.plan(5, () => happened.push(`late ${timeline.now}`));
    timeline.plan(15, () => happened.push(`c ${timeline.now}`));
  });
  timeline.plan(12, () => happened.push(`b ${timeline.now}`));
  timeline.run();
  expect(happened).toEqual(['a 10', 'late 10', 'b 12', 'c 15']);
});

test('what comes from outside is first of its time, told early or late; a part of the time is run alone', () => {
  const timeline = new Timeline();
  const happened: string[] = [];
  timeline.plan(10, () => happened.push('planned 10'));
  timeline.plan(20, () => happened.push('planned 20'));
  timeline.run(20);
  expect(happened).toEqual(['planned 10']);
  timeline.comes(20, () => happened.push('comes 20'));
  timeline.comes(20, () => happened.push('comes 20, too'));
  timeline.run();
  expect(happened).toEqual(['planned 10', 'comes 20', 'comes 20, too', 'planned 20']);
});
