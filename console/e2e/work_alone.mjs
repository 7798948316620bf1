// A crew works at its terminal with the centre away: the page opens, is reloaded, takes presses, and has what was sent before.
import { look, open, take_files, visit, wanted } from './browser.mjs';

const terminal = wanted('JICHI_TERMINAL');

async function main() {
  const session = await open();
  try {
    await work(session);
    if (session.faults.length > 0) throw new Error(`faults:\n${session.faults.join('\n')}`);
    console.log('the crew worked alone: reload, press, map, patient, monitor, ECG and photo, hospitals, no position');
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
  await lose_the_sky(page, session.faults);
}

/** A tunnel of three minutes and more, as the vehicle's program would tell it: the page says how long, by day and by night. */
async function lose_the_sky(page, faults) {
  await page.route('**/api/live', (route) => route.abort());
  await page.route('**/api/state', async (route) => {
    const answer = await route.fetch();
    const state = await answer.json();
    state.gnss = { ...state.gnss, state: 'lost', no_fix_for_s: 200 };
    await route.fulfill({ response: answer, json: state });
  });
  await page.reload({ waitUntil: 'load' });
  const receiver = page.locator('[data-testid=receiver][data-state=lost]');
  await page.locator('[data-testid=receiver]', { hasText: '无定位 3 分钟' }).waitFor();
  // What is read out is the loss, once, and no counting.
  if ((await receiver.getByRole('status').textContent()) !== '无定位') throw new Error('the status says more than what has changed');
  await page.locator('[data-testid=way-map][data-drawn=light]').waitFor();
  await look(page, 'alone-no-position-by-day', faults);
  await page.getByRole('button', { name: 'EN' }).click();
  await page.locator('[data-testid=receiver]', { hasText: 'no position for 3 min' }).waitFor();
  await page.getByRole('button', { name: 'Night' }).click();
  await page.locator('[data-testid=way-map][data-drawn=dark]').waitFor();
  await look(page, 'alone-no-position', faults);
  // A question that is under way when the browser closes is nobody's fault.
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function sees_the_order(page, next) {
  await page.locator('[data-testid=link][data-state=connecting]').waitFor();
  await page.locator(`[data-testid=order][data-next=${next}]`).getByText('外伤').first().waitFor();
}

async function tell_of_the_patient(page, faults) {
  await page.getByTestId('open-patients').click();
  // Gloves: an alert is one press on something large.
  const { height } = await page.getByTestId('alert-trauma').boundingBox();
  if (height < 76) throw new Error(`an alert's button is ${height} px high`);
  await page.getByTestId('alert-trauma').click();
  await page.locator('[data-testid=alert-trauma][aria-pressed=true]').waitFor();
  await page.getByTestId('vital-spo2_percent').fill('94');
  await page.getByTestId('record-vitals').click();
  await page.getByTestId('course').getByText('94').waitFor();
  await take_files(page, 'alone', faults);
  await put_the_monitor_on_another(page, faults);
  await page.getByTestId('close-patients').click();
}

/** A second patient, and one press that says that the monitor is on that one. */
async function put_the_monitor_on_another(page, faults) {
  const state = await (await page.request.get(`${terminal}/api/state`)).json();
  const data = { assignment: state.orders[0].assignment, patient: 1, device: 'M-7' };
  await page.request.post(`${terminal}/api/patient/monitor`, { data });
  if (await page.getByTestId('monitor-M-7').isVisible()) throw new Error('with one patient nobody needs to say whose the monitor is');
  await page.getByRole('button', { name: '+ 患者' }).click();
  const monitor = page.getByTestId('monitor-M-7');
  await monitor.getByRole('button', { name: '患者 1', pressed: true }).waitFor();
  await monitor.getByRole('button', { name: '患者 2' }).click();
  await monitor.getByRole('button', { name: '患者 2', pressed: true }).waitFor();
  await look(page, 'alone-monitor', faults);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
