import { describe, expect, it } from 'vitest';
import { navigationUrl } from './navigate';

const TIANANMEN = { longitude_deg: 116.391305, latitude_deg: 39.905530 };
const numbers = (url: string) => [...url.matchAll(/-?\d+\.\d+/g)].map((match) => Number(match[0]));

describe('a place for another program', () => {
  it('is WGS-84 for whatever answers geo:', () => {
    expect(navigationUrl('geo', TIANANMEN, '天安门')).toBe(`geo:39.905530,116.391305?q=39.905530,116.391305(${encodeURIComponent('天安门')})`);
  });
  it('is some 500 m away in GCJ-02, and further in BD-09', () => {
    const [latitude = 0, longitude = 0] = numbers(navigationUrl('amap', TIANANMEN, ''));
    expect(latitude - TIANANMEN.latitude_deg).toBeCloseTo(0.0014, 3);
    expect(longitude - TIANANMEN.longitude_deg).toBeCloseTo(0.0062, 3);
    const [north = 0, east = 0] = numbers(navigationUrl('baidu', TIANANMEN, ''));
    expect(north - latitude).toBeCloseTo(0.0062, 2);
    expect(east - longitude).toBeCloseTo(0.0065, 2);
  });
  it('stays where it is outside of China', () => {
    const [latitude, longitude] = numbers(navigationUrl('amap', { longitude_deg: 174.76, latitude_deg: -36.85 }, ''));
    expect([latitude, longitude]).toEqual([-36.85, 174.76]);
  });
});
