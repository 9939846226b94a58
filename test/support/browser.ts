import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** A real one, without a window: `CHROMIUM` says where it is, else Debian's. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(
      `The tests of the pages need Chromium, and there is none at ${executablePath}. ` +
        'Install it (`sudo apt-get install chromium`), or say in CHROMIUM where it is.',
    );
  }
  // Its sandbox cannot be had by root, nor in most containers; it is shown nothing but pages of our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface Visit {
  readonly page: Page;
  /** Every address that was asked for. */
  readonly asked: readonly string[];
  /** Errors of scripts, of the console, and what the content security policy kept out. */
  readonly errors: string[];
}

/** Somebody with a browser of their own, until the test ends: which fails where a page did what it must not. */
export async function visit(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Visit> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const asked: string[] = [];
  const errors: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  context.on('weberror', (error) => errors.push(String(error.error())));
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
    expect(asked.filter((address) => new URL(address).origin !== new URL(url).origin)).toEqual([]);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  return { page, asked, errors };
}

/** The same, signed in. */
export async function signedIn(
  browser: Browser,
  url: string,
  token: string,
  options?: BrowserContextOptions,
): Promise<Visit> {
  const come = await visit(browser, url, options);
  await signIn(come.page, token);
  return come;
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** To another view, by its link. */
export async function show(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: view, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: view }).waitFor();
}
