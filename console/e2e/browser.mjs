// Debian's Chromium for the walk through the pages: started, looked through axe, photographed, closed.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const LAUNCH = [
  '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--hide-scrollbars',
];
/** Faults that keep somebody from using the page; the lesser ones are printed only. */
const GRAVE = ['serious', 'critical'];

/** The value of an environment variable that the walk cannot do without. */
export function wanted(name) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}: ./x test does`);
  return value;
}

/** A browser whose pages' own errors are collected: any of them fails the walk. */
export async function open() {
  const browser = await chromium.launch({ executablePath: wanted('JICHI_CHROMIUM'), args: LAUNCH });
  const faults = [];
  return { browser, faults };
}

/** A page of a given size at an address, in Chinese, with its errors watched. */
export async function visit({ browser, faults }, address, width = 1920, height = 1080) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => faults.push(`${address}: ${error.message}`));
  page.on('request', (request) => {
    const host = new URL(request.url()).hostname;
    if (request.url().startsWith('http') && !['127.0.0.1', 'localhost', '[::1]'].includes(host)) faults.push(`${address} asks ${host}: centres sit on closed networks`);
  });
  await page.goto(address, { waitUntil: 'load' });
  return page;
}

/** Looks at a page as axe does, and keeps a picture of it. */
export async function look(page, name, faults) {
  await page.screenshot({ path: `${wanted('JICHI_PICTURES')}/${name}.png` });
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // The page's own policy forbids foreign scripts, and rightly: this one comes in through the debugger.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of violations) {
    const line = `${name}: ${violation.id} (${violation.impact}): ${violation.nodes.length} × ${violation.nodes[0]?.html.slice(0, 160)}`;
    if (GRAVE.includes(violation.impact)) faults.push(line);
    else console.log(`  axe: ${line}`);
  }
}

/** Asks again until `ask` gives something true, with a deadline. */
export async function until(what, within_s, ask) {
  const deadline = Date.now() + within_s * 1000;
  let last;
  for (;;) {
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${within_s} s for ${what}; last: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Adds an ECG and a photo at the terminal's open page of patients, and looks at both. */
export async function take_files(page, name, faults) {
  await page.getByTestId('add-ecg').setInputFiles(wanted('JICHI_ECG'));
  await opens_ecg(page, `${name}-ecg`, faults);
  // A picture like any other: that of this page.
  const photo = `${wanted('JICHI_PICTURES')}/${name}-photo.png`;
  await page.screenshot({ path: photo });
  await page.getByTestId('take-photo').setInputFiles(photo);
  await page.locator('[data-testid=open-file][data-kind=photo]').first().click();
  await page.locator('[data-testid=file][data-shown=picture] img').waitFor();
  await page.getByTestId('close-file').click();
}

/** Opens the newest ECG on a page, and looks at it. */
export async function opens_ecg(page, name, faults) {
  await page.locator('[data-testid=open-file][data-kind=ecg]').first().click();
  await page.locator('[data-testid=ecg][data-drawn="12"]').waitFor();
  await look(page, name, faults);
  await page.getByTestId('close-file').click();
}
