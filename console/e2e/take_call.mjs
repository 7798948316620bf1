// A dispatcher takes a call to handover in a real browser; the arrival board, the terminal, the report and the text-call
// page are looked at on the way. The demo runs already: JICHI_CENTRE and JICHI_TERMINAL say where. Its crews press by
// themselves; everything at the desk is done here, by hand and keyboard.
import { look, open, opens_ecg, until, visit, wanted } from './browser.mjs';

const centre = wanted('JICHI_CENTRE');
const ON_THE_WALL = '欧阳**';
const FULL_NAME = '欧阳建国';

async function main() {
  const session = await open();
  try {
    await walk(session);
    if (session.faults.length > 0) throw new Error(`faults:\n${session.faults.join('\n')}`);
    console.log('the walk is done: call, desk, terminal, board, handover, report');
  } finally {
    await session.browser.close();
  }
}

async function walk(session) {
  await text_call(session);
  const desk = await sit_down(session);
  await ring();
  const incident = await take(desk);
  const assignment = await send(desk);
  const board = await choose_hospital(session, desk);
  await see_board(session, board, assignment);
  const terminal = await see_terminal(session, assignment);
  await chart_patient(session, terminal, desk);
  // The board first: an ambulance that has arrived leaves its list.
  await opens_ecg(board, 'board-ecg', session.faults);
  await look(desk, 'dispatcher', session.faults);
  await opens_ecg(desk, 'dispatcher-ecg', session.faults);
  await see_it_by_day(desk, session);
  await hand_over(desk, assignment, session);
  await see_report(session, incident);
}

/** Somebody who cannot speak writes; the desk finds it in the same queue. */
async function text_call(session) {
  const page = await visit(session, `${centre}/text.html`, 412, 915);
  await page.getByTestId('text-words').fill('老人摔倒, 不能说话');
  await page.getByTestId('text-send').click();
  await page.locator('[data-testid=text-status][data-state=ringing]').waitFor();
  await page.getByTestId('text-line').filter({ hasText: '老人摔倒' }).waitFor();
  await look(page, 'text', session.faults);
}

async function sit_down(session) {
  const desk = await visit(session, `${centre}/`);
  await desk.getByTestId('seat').fill('03');
  await desk.getByTestId('person').fill('王芳');
  await desk.getByTestId('sit').click();
  await desk.locator('[data-testid=connection][data-state=live]').waitFor();
  await desk.getByTestId('call-row').filter({ hasText: '老人摔倒' }).waitFor();
  return desk;
}

/** The telephone rings with a place, as an exchange with location would enter it. */
async function ring() {
  const [station] = (await (await fetch(`${centre}/api/v1/stations`)).json()).items;
  const position = { longitude: station.position.longitude + 0.004, latitude: station.position.latitude + 0.003 };
  const answer = await fetch(`${centre}/api/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'jichi-person': 'exchange', 'jichi-seat': '00', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ source: 'telephone', phone: '13812342290', text_only: false, place: { position, address: '浏览器路 8 号', waiting_place: '' }, text: null }),
  });
  if (answer.status !== 201) throw new Error(`the call was not taken in: ${answer.status} ${await answer.text()}`);
}

/** Answers, writes down what is needed, makes the incident; hands stay on the keyboard for the level. */
async function take(desk) {
  await desk.getByTestId('call-row').filter({ hasText: '浏览器路' }).getByRole('button').click();
  await desk.getByTestId('call-form').waitFor();
  await desk.getByTestId('complaint').fill('胸痛');
  await desk.keyboard.press('F7');
  await desk.getByTestId('age').fill('58');
  await desk.getByTestId('sex-male').click();
  await desk.getByTestId('name').fill(FULL_NAME);
  await desk.getByTestId('create-incident').click();
  const incident = desk.getByTestId('incident');
  await incident.waitFor();
  await desk.getByTestId('proposal-row').first().waitFor();
  return incident.getAttribute('data-incident');
}

/** Enter sends the first of the proposal. */
async function send(desk) {
  await desk.locator('body').click({ position: { x: 900, y: 5 } });
  await desk.keyboard.press('Enter');
  const assignment = desk.getByTestId('assignment').first();
  await assignment.waitFor();
  return { id: await assignment.getAttribute('data-assignment'), unit: await assignment.getAttribute('data-unit') };
}

/** The order is on the terminal of the unit that was sent: units' terminals stand on consecutive ports. */
async function see_terminal(session, assignment) {
  const first = new URL(wanted('JICHI_TERMINAL'));
  const address = await until(`the terminal of ${assignment.unit}`, 30, async () => {
    for (let index = 0; index < 40; index += 1) {
      const origin = `http://127.0.0.1:${Number(first.port) + index}`;
      const state = await (await fetch(`${origin}/api/state`)).json();
      if (state.unit.id === assignment.unit) return origin;
    }
    return null;
  });
  const terminal = await visit(session, `${address}/`, 1280, 800);
  await terminal.locator(`[data-testid=order][data-assignment="${assignment.id}"]`).getByText('胸痛').first().waitFor();
  await terminal.locator('[data-testid=way-map][data-drawn=dark]').waitFor();
  await look(terminal, 'terminal', session.faults);
  await terminal.getByTestId('open-hospitals').click();
  await terminal.getByTestId('hospital-row').first().waitFor();
  await look(terminal, 'terminal-hospitals', session.faults);
  await terminal.getByTestId('hospitals').getByRole('button').click();
  return terminal;
}

/** The crew asks the hospital to be ready, measures and scores; the desk sees it without being touched. */
async function chart_patient(session, terminal, desk) {
  await terminal.getByTestId('open-patients').click();
  await terminal.getByTestId('alert-chest_pain').click();
  await terminal.locator('[data-testid=alert-chest_pain][aria-pressed=true]').waitFor();
  await look(terminal, 'terminal-alert', session.faults);
  await terminal.getByTestId('add-ecg').setInputFiles(wanted('JICHI_ECG'));
  await terminal.getByTestId('vital-systolic_mmhg').fill('92');
  await terminal.getByTestId('vital-diastolic_mmhg').fill('60');
  await terminal.getByTestId('vital-spo2_percent').fill('91');
  await terminal.getByTestId('record-vitals').click();
  await terminal.getByTestId('course').getByText('92/60').waitFor();
  // Now: the crew of the demo measures, too, and what is newest is shown.
  await desk.getByTestId('chart-vitals').getByText('92/60').first().waitFor();
  await terminal.getByTestId('score-fast').click();
  for (const index of [0, 3, 4]) await terminal.getByTestId('score-item').nth(index).click();
  await terminal.getByTestId('record-score').click();
  await terminal.getByTestId('finding-judgement').fill('疑似心梗');
  await terminal.getByTestId('save-findings').click();
  await look(terminal, 'terminal-patients', session.faults);
  await terminal.getByTestId('close-patients').click();
  await desk.getByTestId('chart-alert').first().waitFor();
  await desk.getByTestId('chart').getByText('疑似心梗').first().waitFor();
}

/** The first of the hospitals by the four principles; its board then shows the ambulance. */
async function choose_hospital(session, desk) {
  await desk.getByTestId('choose-destination').first().click();
  const first = desk.getByTestId('destination-row').first();
  const hospital = await first.getAttribute('data-hospital');
  await first.click();
  await desk.getByTestId('destination').first().waitFor();
  return visit(session, `${centre}/board.html?hospital=${hospital}`);
}

/** One row for the ambulance, with a masked name; the nurse acknowledges it under her own. That comes before the long look:
 *  a quarter of an hour passes here in one minute, and an ambulance that has arrived leaves the list. */
async function see_board(session, board, assignment) {
  const row = board.locator(`[data-testid=board-row][data-unit="${assignment.unit}"]`);
  await row.getByText(ON_THE_WALL).first().waitFor();
  if ((await board.content()).includes(FULL_NAME)) session.faults.push('the board shows a full name');
  await board.getByTestId('board-acknowledge').first().click();
  await board.getByTestId('nurse-name').fill('护士 李娜');
  await board.getByTestId('nurse-send').click();
  await board.locator(`[data-testid=board-row][data-unit="${assignment.unit}"][data-acknowledged=true]`).waitFor();
  await look(board, 'board', session.faults);
}

/** The map changes with the rest, and what lies on it stays. */
async function see_it_by_day(desk, session) {
  await desk.getByRole('button', { name: '日间' }).click();
  await desk.locator('[data-testid=map][data-drawn=light]').waitFor();
  await look(desk, 'dispatcher-by-day', session.faults);
  await desk.getByRole('button', { name: '夜间' }).click();
  await desk.locator('[data-testid=map][data-drawn=dark]').waitFor();
}

/** The crew does the rest by itself; the desk sees each step without being touched. */
async function hand_over(desk, assignment, session) {
  await until('the handover at the desk', 240, async () => {
    const card = desk.locator(`[data-assignment="${assignment.id}"]`).first();
    const stage = await card.getAttribute('data-stage');
    return stage === 'handed_over' || stage === 'available';
  });
  await look(desk, 'dispatcher-after', session.faults);
}

async function see_report(session, incident) {
  const { number } = await (await fetch(`${centre}/api/v1/incidents/${incident}`)).json();
  const page = await visit(session, `${centre}/report.html`);
  await until(`run ${number} in the report`, 60, async () => {
    await page.getByTestId('report-answer').waitFor();
    if ((await page.getByTestId('run-row').filter({ hasText: number }).count()) > 0) return true;
    await page.reload({ waitUntil: 'load' });
    return false;
  });
  await look(page, 'report', session.faults);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
