// The city's box as the map library wants it.
import type { CityMap } from '../api/types';

export function boundsOf(map: CityMap | null): [number, number, number, number] | null {
  const box = map?.bounds;
  return box ? [box.west, box.south, box.east, box.north] : null;
}
