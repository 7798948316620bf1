// A crew works at its terminal with the centre away: the page opens, is reloaded, takes presses, and has what was sent before.
import { look, open, take_files, visit, wanted } from './browser.mjs';

const terminal = wanted('JICHI_TERMINAL');

async function main() {
  const session = await open();
  try {
    await work(session);
    if (session.faults.length > 0) throw new Error(`faults:\n${session.faults.join('\n')}`);
    console.log('the crew worked alone: reload, press, map, patient, ECG and photo, hospitals');
  } finally {
    await session.browser.close();
  }
}

async function work(session) {
  const page = await visit(session, `${terminal}/`, 1280, 800);
  await sees_the_order(page, 'acknowledged');
  await page.reload({ waitUntil: 'load' });
  await sees_the_order(page, 'acknowledged');
  await page.getByTestId('next-step').click();
  await sees_the_order(page, 'rolling');
  await page.locator('[data-testid=way-map][data-drawn=dark]').waitFor();
  await look(page, 'alone', session.faults);
  await tell_of_the_patient(page, session.faults);
  await page.getByTestId('open-hospitals').click();
  await page.getByTestId('hospital-row').first().waitFor();
  await look(page, 'alone-hospitals', session.faults);
  await page.getByTestId('hospitals').getByRole('button').first().click();
  // By day, too.
  await page.getByRole('button', { name: '日间' }).click();
  await page.locator('[data-testid=way-map][data-drawn=light]').waitFor();
  await look(page, 'alone-by-day', session.faults);
}

async function sees_the_order(page, next) {
  await page.locator('[data-testid=link][data-state=connecting]').waitFor();
  await page.locator(`[data-testid=order][data-next=${next}]`).getByText('外伤').first().waitFor();
}

async function tell_of_the_patient(page, faults) {
  await page.getByTestId('open-patients').click();
  await page.getByTestId('alert-trauma').click();
  await page.locator('[data-testid=alert-trauma][aria-pressed=true]').waitFor();
  await page.getByTestId('vital-spo2_percent').fill('94');
  await page.getByTestId('record-vitals').click();
  await page.getByTestId('course').getByText('94').waitFor();
  await take_files(page, 'alone', faults);
  await page.getByTestId('close-patients').click();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
