// Pictures of the pages of a running demo, for the documents: `node console/e2e/take_pictures.mjs` with JICHI_CENTRE,
// JICHI_TERMINAL, JICHI_CHROMIUM and JICHI_PICTURES set. The dispatcher's picture shows an incident in hand.
import { open, visit, wanted } from './browser.mjs';

const centre = wanted('JICHI_CENTRE');

async function picture(session, name, address, width, height, prepare = async () => {}) {
  const page = await visit(session, address, width, height);
  await prepare(page);
  await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined); // live pages are never quite idle
  await page.screenshot({ path: `${wanted('JICHI_PICTURES')}/${name}.png` });
  await page.context().close();
}

/** Sits down and takes the first incident of the queue in hand. */
async function sitDown(page) {
  await page.getByTestId('seat').fill('03');
  await page.getByTestId('person').fill('王芳');
  await page.getByTestId('sit').click();
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await page.getByTestId('incident-row').first().click();
  await page.getByTestId('incident').waitFor();
}

/** Has today lived again with twice the calls. */
async function liveAgain(page) {
  await page.getByTestId('plan-person').fill('王芳');
  await page.getByTestId('plan-seat').fill('03');
  await page.getByTestId('plan-policy').selectOption('closest-preempt');
  await page.getByTestId('plan-calls').selectOption({ index: 3 });
  await page.getByTestId('plan-run').click();
  await page.getByTestId('plan-sentence').waitFor({ timeout: 120_000 });
}

/** The hospital that expects most. */
async function busiestHospital() {
  const { items } = await (await fetch(`${centre}/api/v1/hospitals`)).json();
  const boards = await Promise.all(items.map(async ({ id }) => (await fetch(`${centre}/api/v1/hospitals/${id}/arrivals`)).json()));
  return boards.sort((one, other) => other.items.length - one.items.length)[0].hospital;
}

const session = await open();
try {
  await picture(session, 'dispatcher', `${centre}/`, 1920, 1080, sitDown);
  await picture(session, 'board', `${centre}/board.html?hospital=${await busiestHospital()}`, 1920, 1080);
  await picture(session, 'report', `${centre}/report.html`, 1280, 1400, (page) => page.getByTestId('report-answer').waitFor());
  await picture(session, 'planning', `${centre}/planning.html`, 1440, 1400, liveAgain);
  await picture(session, 'terminal', `${wanted('JICHI_TERMINAL')}/`, 1280, 800);
  await picture(session, 'text', `${centre}/text.html`, 412, 915);
} finally {
  await session.browser.close();
}
