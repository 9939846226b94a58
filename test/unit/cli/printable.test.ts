import { expect, it } from 'vitest';
import { printable } from '../../../src/cli/context.ts';

it('leaves out what steers a terminal or turns the direction of reading, and nothing else', () => {
  expect(printable('\u001b[2Jwrong\u0007 number\r\n\u009b1m')).toBe('[2Jwrong number1m');
  expect(printable('paid \u202e00.54\u202c \u2066x\u2069')).toBe('paid 00.54 x');
  expect(printable('Zoë “שלום” 12,50 €')).toBe('Zoë “שלום” 12,50 €');
});
