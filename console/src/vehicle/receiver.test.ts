import { describe, expect, it } from 'vitest';
import { fill } from '../words/language.svelte';
import { vehicle as en } from '../words/en/vehicle';
import { vehicle as zh } from '../words/zh/vehicle';
import { longWithout } from './receiver';

const told = (seconds: number | null) => {
  const long = longWithout(seconds);
  return long && [zh, en].map((words) => `${words.no_fix} ${fill(words[long.key], long.values)}`);
};

describe('how long there has been no position', () => {
  it('is told in whole minutes, in both languages', () => {
    expect(told(0)).toEqual(['无定位 不到 1 分钟', 'no position for under a minute']);
    expect(told(59)).toEqual(told(0));
    expect(told(60)).toEqual(['无定位 1 分钟', 'no position for 1 min']);
    expect(told(239)).toEqual(['无定位 3 分钟', 'no position for 3 min']);
    expect(told(3_599)).toEqual(['无定位 59 分钟', 'no position for 59 min']);
    expect(told(7_500)).toEqual(['无定位 2 小时 5 分钟', 'no position for 2 h 5 min']);
  });
  it('is left out where nobody says it', () => {
    expect(told(null)).toBeNull();
    expect(longWithout(undefined)).toBeNull();
  });
});
