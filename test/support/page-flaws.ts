import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** An expression in the language of pages, with their types. */
const look = readFileSync(new URL('page-flaws.js', import.meta.url), 'utf8');

/**
 * What would stand in the way of who reads with a screen reader, with the keyboard, with weak eyes or on a small screen;
 * each in words, with where it is. Empty where the page is as it should be.
 */
export const flawsOf = (page: Page): Promise<string[]> => page.evaluate<string[]>(look);
