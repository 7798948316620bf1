import { describe, expect, it } from 'vitest';
import { signs } from './vitals';

const none = { systolic_mmhg: null, diastolic_mmhg: null, heart_rate_per_min: null, spo2_percent: null, respiration_per_min: null, temperature_c: null, glucose_mmol_l: null, etco2_mmhg: null };

describe('vital signs', () => {
  it('leave out what was not measured, and keep a zero', () => {
    expect(signs({ ...none, heart_rate_per_min: 0 })).toEqual([{ sign: 'heart_rate_per_min', text: '0', grave: true, course: '' }]);
    expect(signs(none)).toEqual([]);
  });
  it('stand in a doctor’s order, with what is grave', () => {
    const shown = signs({ ...none, spo2_percent: 91, systolic_mmhg: 92, diastolic_mmhg: 60, temperature_c: 36.649999618530273 });
    expect(shown.map((one) => [one.sign, one.text, one.grave])).toEqual([
      ['pressure', '92/60', false], ['spo2_percent', '91', true], ['temperature_c', '36.6', false],
    ]);
  });
  it('say which way they go, when it is far enough', () => {
    const before = { ...none, systolic_mmhg: 120, heart_rate_per_min: 80, spo2_percent: 97 };
    const now = { ...none, systolic_mmhg: 92, heart_rate_per_min: 84, spo2_percent: 99 };
    expect(signs(now, before).map((one) => one.course)).toEqual(['↓', '', '↑']);
    expect(signs(now).map((one) => one.course)).toEqual(['', '', '']);
  });
});
