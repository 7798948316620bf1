// The command line's language, line by line.
import { describe, expect, it } from 'vitest';
import { complete, isIncident, parse } from './command';

describe('a command', () => {
  it.each([
    ['D 42 a12', { verb: 'assign', incident: '42', unit: 'A12', reason: '' }],
    ['d 42 A12 更近 实际', { verb: 'assign', incident: '42', unit: 'A12', reason: '更近 实际' }],
    ['ACK 7', { verb: 'acknowledge', alarm: 7 }],
    ['HOLD 42 no unit', { verb: 'hold', incident: '42', reason: 'no unit' }],
    ['C 42 呼救者取消', { verb: 'cancel', incident: '42', reason: '呼救者取消' }],
    ['REC A12 重复', { verb: 'recall', unit: 'A12', reason: '重复' }],
    ['S A12 roll', { verb: 'status', unit: 'A12', stage: 'rolling' }],
    ['M A12 请回电', { verb: 'message', unit: 'A12', text: '请回电' }],
    ['P A12 加油', { verb: 'pause', unit: 'A12', reason: '加油' }],
    ['RES a12', { verb: 'resume', unit: 'A12' }],
    ['WAKE 42', { verb: 'wake', incident: '42' }],
    [' 42 ', { verb: 'show', incident: '42' }],
    ['?', { verb: 'help' }],
    ['？', { verb: 'help' }],
    ['n', { verb: 'new' }],
  ])('%s', (line, command) => expect(parse(line)).toEqual(command));

  it.each(['D 42', 'D A12 42', 'ACK', 'ACK x', 'HOLD 42', 'C 42', 'S A12 fly', 'X 1', '', 'REC A12', 'M A12'])('%s is not understood and says how to write it', (line) =>
    expect(parse(line)).toMatchObject({ verb: 'unclear' }));
});

describe('completion', () => {
  const known = { incidents: ['20261121-0042', '20261121-0007'], units: ['A03', 'A12'], alarms: [7], codes: ['closer', 'road'] };
  it.each([
    ['H', ['HOLD']],
    ['D 4', ['D 42']],
    ['D 42 a1', ['D 42 A12']],
    ['ACK ', ['ACK 7']],
    ['S A12 ro', ['S A12 roll']],
    ['D 42 A12', []],
    ['D 42 A12 cl', ['D 42 A12 closer']],
  ])('%s', (line, choices) => expect(complete(line, known)).toEqual(choices));
});

describe('a number', () => {
  it('is known by its short form', () => {
    expect(isIncident('20261121-0042', '42')).toBe(true);
    expect(isIncident('20261121-0042', '0042')).toBe(true);
    expect(isIncident('20261121-0042', '4')).toBe(false);
  });
});
