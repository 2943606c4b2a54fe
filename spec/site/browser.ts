/**
 * Chromium, for what needs a browser.
 * @module
 */

import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';

/** Where Debian installs Chromium. */
export const defaultBrowser = '/usr/bin/chromium';

/** Starts the browser at `path`, or ends the process with code 3 and says how to get one. */
export async function launchBrowser(path: string): Promise<Browser> {
  if (!existsSync(path)) {
    console.error(
      `There is no ${path}. On Debian: apt-get install chromium. Elsewhere, name one with --browser.`,
    );
    process.exit(3);
  }
  const root = process.getuid?.() === 0;
  return puppeteer.launch({ executablePath: path, args: root ? ['--no-sandbox'] : [] });
}
