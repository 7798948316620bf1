// The desk's single keys. Where somebody types they are letters; elsewhere they act. Focus moves only when a person asks.
import type { Desk } from './desk.svelte';

export function handleKey(event: KeyboardEvent, desk: Desk): void {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || !desk.seat) return;
  const key = event.key;
  if (key === 'Escape') return stepBack(event, desk);
  if (key.startsWith('F') && functionKey(key, desk)) return event.preventDefault();
  if (isTyping(event.target) || desk.form || desk.paper || desk.help) return;
  if (key === 'n' || key === 'N') desk.openForm(null);
  else if (key === 'p' || key === 'P') desk.openPaper();
  else if (key === 'a' || key === 'A') desk.openAccidents(!desk.accidents);
  else if (key === '?' || key === '？') desk.help = true;
  else if ((key === 'r' || key === 'R') && desk.hand) desk.offer.renew();
  else if ((key === 't' || key === 'T') && desk.hand) void desk.sendTeam();
  else if ((key === 'o' || key === 'O') && desk.hand) void desk.followOpinion();
  else if (key === 'v' || key === 'V') void desk.followMoveUp();
  else if (key === 'Enter' && !isControl(event.target)) void desk.choose(0);
  else if (/^[1-9]$/.test(key) && desk.hand) void desk.choose(Number(key) - 1);
  else return;
  event.preventDefault();
}

function functionKey(key: string, desk: Desk): boolean {
  if (key === 'F1') desk.openForm(null);
  else if (key === 'F2') focus('[data-area="command"]');
  else if (key === 'F3') focus('[data-area="incidents"]');
  else if (key === 'F4') focus('[data-area="units"]');
  else if (key === 'F6') focus('[data-area="calls"]');
  else return false;
  return true;
}

/** Escape always goes back one step. */
function stepBack(event: KeyboardEvent, desk: Desk): void {
  if (desk.help) desk.help = false;
  else if (desk.wanted) desk.wanted = null;
  else if (desk.picking === 'road') {
    desk.picking = 'nothing';
    desk.road = null;
  } else if (isTyping(event.target)) (event.target as HTMLElement).blur();
  else if (desk.accidents) desk.accidents = false;
  else if (desk.hospitals) desk.hospitals = false;
  else if (desk.unit) desk.unit = null;
  else if (desk.form) desk.putFormAside();
  else if (desk.paper) desk.putPaperAside();
  else desk.hand = null;
}

function focus(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select');
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('button, a, input, summary, [role="button"]');
}
