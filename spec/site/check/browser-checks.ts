/**
 * What only a browser can tell: every page loads without an error, the pages of each kind have no problem of
 * accessibility that axe finds, and "Try it" computes the digests of cases.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import type { Case } from '../../../conformance/suite/case.ts';
import { caseFolder } from '../case-pages.ts';
import type { SiteData } from '../site-data.ts';

/** How many paths are loaded in one page of the browser, which keeps something of each until it is closed. */
const LOADED_IN_ONE = 500;
/** How many cases "Try it" is given. */
const TRIED = 100;

/** Lets `work` use a page, and returns the problems that it adds, and the errors of the page. */
async function problemsIn(
  browser: Browser,
  work: (page: Page, problems: string[]) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  const page = await browser.newPage();
  page.on('pageerror', error => problems.push(`${page.url()}: ${String(error)}`));
  page.on('requestfailed', request => problems.push(`${page.url()}: could not load ${request.url()}`));
  page.on('response', response => {
    if (response.status() >= 400) problems.push(`${page.url()}: ${response.status()} for ${response.url()}`);
  });
  await work(page, problems);
  await page.close();
  return problems;
}

/** Loads every page, and returns what went wrong. */
export async function loadAll(
  browser: Browser,
  address: string,
  paths: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  for (let at = 0; at < paths.length; at += LOADED_IN_ONE) {
    const some = paths.slice(at, at + LOADED_IN_ONE);
    const found = await problemsIn(browser, async page => {
      for (const path of some) await page.goto(`${address}/${path}`, { waitUntil: 'load' });
    });
    problems.push(...found);
  }
  return problems;
}

/** Asks axe about pages, in light and dark, wide and narrow. */
export function checkAccessibility(
  browser: Browser,
  address: string,
  paths: readonly string[],
): Promise<string[]> {
  return problemsIn(browser, async (page, problems) => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      for (const width of [360, 1400]) {
        await page.setViewport({ width, height: 800 });
        for (const path of paths) {
          await page.goto(`${address}/${path}`, { waitUntil: 'networkidle0' });
          const found = await violations(page);
          problems.push(...found.map(problem => `${path}, ${scheme}, ${width} wide: ${problem}`));
          if (await scrollsSideways(page)) problems.push(`${path}, ${width} wide: the page scrolls sideways`);
        }
      }
    }
  });
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run(document)')) as AxeResults;
  return results.violations.map(
    ({ id, nodes }) => `${id} at ${nodes[0]?.target.join(' ')} (${nodes.length})`,
  );
}

async function scrollsSideways(page: Page): Promise<boolean> {
  return Boolean(
    await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
  );
}

/** Gives cases to "Try it", and compares the digests. */
export function tryCases(browser: Browser, address: string, data: SiteData): Promise<string[]> {
  return problemsIn(browser, async (page, problems) => {
    await page.goto(`${address}/try.html`, { waitUntil: 'networkidle0' });
    const cases = casesToTry(data);
    for (const test of cases) {
      const found = await digestInPage(
        page,
        join(caseFolder(data, test), String(test.input['dumpfile'])),
        test,
      );
      const expected = 'values' in test.expect ? test.expect.values?.['digest'] : undefined;
      if (found !== expected) problems.push(`${test.id}: the page says ${found}, expected ${expected}`);
    }
    if (cases.length < TRIED) problems.push(`only ${cases.length} cases can be tried`);
  });
}

function casesToTry({ cases }: SiteData): Case[] {
  return cases
    .filter(
      ({ op, expect, input }) =>
        op === 'erofs.write' && expect.outcome === 'accept' && typeof input['dumpfile'] === 'string',
    )
    .slice(0, TRIED);
}

async function digestInPage(page: Page, path: string, { params }: Case): Promise<string> {
  await page.select('select[name=algorithm]', params['algorithm'] ?? '');
  await page.select('select[name=format]', params['format'] ?? 'v1');
  const text = readFileSync(path).toString('base64');
  // Dropped as a file, since a field of a form changes the ends of lines.
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob(${JSON.stringify(text)}), sign => sign.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], 'tree.dump'));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }`);
  await page.waitForFunction(
    `document.querySelector('#status').textContent.startsWith('Accepted') && !document.querySelector('#results').hidden || document.querySelector('#status').textContent.startsWith('Rejected')`,
  );
  return String(
    await page.evaluate(
      `document.querySelector('#results').hidden ? document.querySelector('#status').textContent : document.querySelector('#digest').textContent`,
    ),
  );
}
