// Carries out what the command line understood. Answers whether it was done, so that a failed line stays to be mended.
import type { Assignment, Incident } from '../api/types';
import { say } from '../words/desk';
import { term } from '../words/terms';
import { isIncident, type Command } from './command';
import type { Desk } from './desk.svelte';
import { fromLine } from './overrides';

const HOLD_S = 600;
type Of<Verb extends Command['verb']> = Extract<Command, { verb: Verb }>;

export async function run(command: Command, desk: Desk): Promise<boolean> {
  switch (command.verb) {
    case 'help':
      desk.help = true;
      return true;
    case 'new':
      desk.openForm(null);
      return true;
    case 'paper':
      desk.openPaper();
      return true;
    case 'acknowledge':
      return acknowledge(command, desk);
    case 'show':
    case 'assign':
    case 'hold':
    case 'wake':
    case 'cancel':
      return withIncident(command, desk);
    case 'recall':
    case 'status':
      return withAssignment(command, desk);
    case 'pause':
    case 'resume':
    case 'message':
      return withUnit(command, desk);
  }
}

async function acknowledge({ alarm }: Of<'acknowledge'>, desk: Desk): Promise<boolean> {
  const name = [...desk.alarms].find(([, number]) => number === alarm)?.[0];
  if (!name) return unknown(desk, `ACK ${alarm}`);
  return (await desk.attempt(() => desk.writes.acknowledge(name), say('alarm_taken'))) !== null;
}

async function withIncident(command: Of<'show' | 'assign' | 'hold' | 'wake' | 'cancel'>, desk: Desk): Promise<boolean> {
  const incident = [...desk.picture.incidents.values()].filter((one) => isIncident(one.number, command.incident)).at(-1);
  if (!incident) return unknown(desk, command.incident);
  if (command.verb === 'show') return desk.take(incident.id).then(() => true);
  if (command.verb === 'assign') return assign(command, incident, desk);
  const write = {
    hold: () => desk.writes.hold(incident.id, command.verb === 'hold' ? command.reason : '', HOLD_S),
    wake: () => desk.writes.wake(incident.id),
    cancel: () => desk.writes.cancel(incident.id, command.verb === 'cancel' ? command.reason : ''),
  }[command.verb];
  const done = { hold: say('is_held'), wake: say('woken'), cancel: say('is_cancelled') }[command.verb];
  const changed = await desk.attempt(write, done);
  if (changed) desk.picture.put({ incidents: [changed] });
  return changed !== null;
}

/** The first of the newest proposal needs no reason; any other unit does: a code of the centre's list, words, or both. */
async function assign(command: Of<'assign'>, incident: Incident, desk: Desk): Promise<boolean> {
  const proposal = desk.picture.proposals.get(incident.id) ?? null;
  const first = proposal?.candidates[0]?.unit === command.unit;
  const why = command.reason === '' ? null : fromLine(desk.picture.rules?.override_reasons ?? [], command.reason);
  if (!first && why === null) {
    desk.tell(say('usage', { usage: `D ${command.incident} ${command.unit} ${say('reason_word')}` }), false);
    return false;
  }
  await desk.take(incident.id);
  await desk.assign(incident.id, command.unit, proposal?.id ?? null, why);
  return desk.said?.good ?? false;
}

async function withAssignment(command: Of<'recall' | 'status'>, desk: Desk): Promise<boolean> {
  const assignment = [...desk.picture.assignments.values()].filter((one) => one.unit === command.unit && !one.end).at(-1);
  if (!assignment) return unknown(desk, command.unit);
  const write = (): Promise<Assignment> =>
    command.verb === 'recall' ? desk.writes.recall(assignment.id, command.reason) : desk.writes.status(assignment.id, command.stage);
  const done = command.verb === 'recall' ? say('recalled', { unit: command.unit }) : say('entered', { what: term(`stage.${command.stage}`) });
  const changed = await desk.attempt(write, done);
  if (changed) desk.picture.put({ assignments: [changed] });
  return changed !== null;
}

async function withUnit(command: Of<'pause' | 'resume' | 'message'>, desk: Desk): Promise<boolean> {
  const { unit } = command;
  if (!desk.picture.units.has(unit)) return unknown(desk, unit);
  const write = () => {
    if (command.verb === 'pause') return desk.writes.pause(unit, command.reason);
    return command.verb === 'resume' ? desk.writes.resume(unit) : desk.writes.message(unit, command.text);
  };
  const done = { pause: say('is_paused', { unit }), resume: say('is_resumed', { unit }), message: say('message_sent', { unit }) }[command.verb];
  const changed = await desk.attempt(write, done);
  if (changed) desk.picture.put({ units: [changed] });
  return changed !== null;
}

function unknown(desk: Desk, what: string): false {
  desk.tell(say('not_known', { what }), false);
  return false;
}
