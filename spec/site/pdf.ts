/**
 * All chapters as a PDF, printed by Chromium.
 * @module
 */

import { pathToFileURL } from 'node:url';
import type { Browser } from 'puppeteer-core';

/** The width of the text, in pixels of CSS: A4 without its margins. */
const TEXT_WIDTH = Math.floor(((210 - 2 * 15) / 25.4) * 96);

/** The parts of the page with all chapters that are wider than the paper, and would be cut off. */
export async function widerThanPaper(browser: Browser, file: string): Promise<string[]> {
  const page = await browser.newPage();
  try {
    await page.setViewport({ width: TEXT_WIDTH, height: 1000 });
    await page.emulateMediaType('print');
    await page.goto(pathToFileURL(file).href);
    return await page.evaluate(() =>
      [...document.querySelectorAll('main *')]
        .filter(({ clientWidth, scrollWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
        .map(element => `${element.tagName} ${element.textContent.trim().slice(0, 60)}`),
    );
  } finally {
    await page.close();
  }
}

/**
 * Prints the file of the page with all chapters. The same Chromium with the same fonts prints the same bytes; another
 * version may break lines and pages elsewhere.
 */
export async function printPdf(browser: Browser, file: string, title: string): Promise<Uint8Array> {
  const page = await browser.newPage();
  try {
    await page.goto(pathToFileURL(file).href);
    // Links to other files of the site lead nowhere in a PDF, and would name the folder of this machine.
    await page.evaluate(text => {
      document.title = text;
      for (const element of document.querySelectorAll('body > header')) element.remove();
      for (const link of document.querySelectorAll('a[href]'))
        if (!/^(?:#|https?:)/.test(link.getAttribute('href') ?? '')) link.removeAttribute('href');
    }, title);
    const bytes = await page.pdf({
      format: 'A4',
      margin: { top: '20mm', bottom: '20mm', left: '15mm', right: '15mm' },
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: `<span style="font-size: 8px; width: 100%; text-align: center">${title}, page <span class="pageNumber"></span> of <span class="totalPages"></span></span>`,
      outline: true,
      // Hundreds of pages take longer than the 30 s of the default on a busy machine.
      timeout: 300_000,
    });
    return withoutTime(bytes);
  } finally {
    await page.close();
  }
}

/** `pdf` with dates that do not depend on the time. They have the same length, so that no offset changes. */
function withoutTime(pdf: Uint8Array): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1');
  const dates = /\/(CreationDate|ModDate) \(D:\d{14}/g;
  return Buffer.from(text.replaceAll(dates, '/$1 (D:19800101000000'), 'latin1');
}
