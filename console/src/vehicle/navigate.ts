// The place to drive to, for another program on the tablet, in the datum that it takes. This is the map's edge: here alone a place is not WGS-84.
import gcoord from 'gcoord';
import type { Navigation, Place } from './state';

const { BD09, GCJ02, WGS84, transform } = gcoord;
const DIGITS = 6;

export function navigationUrl(by: Navigation, to: Place, name: string): string {
  const label = encodeURIComponent(name);
  if (by === 'amap') {
    const [longitude, latitude] = transform([to.longitude_deg, to.latitude_deg], WGS84, GCJ02);
    return `amapuri://route/plan/?sourceApplication=jichi&dlat=${latitude.toFixed(DIGITS)}&dlon=${longitude.toFixed(DIGITS)}&dname=${label}&dev=0&t=0`;
  }
  if (by === 'baidu') {
    const [longitude, latitude] = transform([to.longitude_deg, to.latitude_deg], WGS84, BD09);
    return `baidumap://map/direction?destination=name:${label}|latlng:${latitude.toFixed(DIGITS)},${longitude.toFixed(DIGITS)}&coord_type=bd09ll&mode=driving&src=jichi`;
  }
  const at = `${to.latitude_deg.toFixed(DIGITS)},${to.longitude_deg.toFixed(DIGITS)}`;
  return `geo:${at}?q=${at}(${label})`;
}
