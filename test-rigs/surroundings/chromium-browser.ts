import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's browser; another one by the variable CHROMIUM. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// No sandbox: tests run as root in containers. The rest keeps the browser from talking to anybody but the page.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Looks {
  readonly locale?: 'zh-CN' | 'en-GB';
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

/** A real browser with a profile of its own, and what happened in it. */
export interface Browser {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, and exceptions of the page's scripts. */
  readonly complaints: string[];
  /** Addresses that were asked for, one for each request. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Starts Chromium without a window and with an empty profile, which is removed with it. */
export async function startBrowser({
  locale = 'zh-CN',
  colorScheme = 'light',
  viewport = phone,
}: Looks = {}): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'fenceline-chromium-'));
  const looks = { locale, colorScheme, viewport: { ...viewport } };
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: flags,
    ...looks,
  });
  // Below a test's own time limit, so that what was waited for is named.
  context.setDefaultTimeout(15_000);
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  const requests: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return {
    page,
    context,
    complaints,
    requests,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
