// What lies on the city, as GeoJSON: pure functions from the centre's picture.
import type { Feature, FeatureCollection } from 'geojson';
import type { Closure, Hospital, Incident, Level, Position, Station, Unit, UnitPosition } from '../api/types';
import { secondsSince } from '../live/time';
import { unitShape } from './shapes';

const LEVELS: Record<Level, number> = { I: 1, II: 2, III: 3, IV: 4 };
/** Below this a heading is noise. */
const MOVING_KMH_MIN = 5;

export function unitFeatures(units: Iterable<Unit>, now_ms: number, stale_s: number): FeatureCollection {
  const features: Feature[] = [];
  for (const unit of units) {
    if (!unit.position) continue;
    const age = secondsSince(unit.position.at, now_ms) ?? Infinity;
    const stale = age > stale_s || unit.link === 'down';
    features.push(point(settled(unit.position), {
      id: unit.id,
      icon: `unit-${unitShape(unit).name}${stale ? '-stale' : ''}`,
      label: stale && Number.isFinite(age) ? `${unit.id} ${ageLabel(age)}` : unit.id,
      heading: Math.round(unit.position.heading_deg ?? 0),
      moving: unit.position.speed_kmh >= MOVING_KMH_MIN && !stale && unit.position.heading_deg !== null,
      busy: unit.readiness === 'taken' || unit.readiness === 'silent' ? 1 : 0,
    }));
  }
  return collection(features);
}

/** Seconds in tens, then minutes: enough to see how old, seldom enough to read. */
function ageLabel(age_s: number): string {
  return age_s < 60 ? `${Math.floor(age_s / 10) * 10}s` : `${Math.floor(age_s / 60)}min`;
}

export function incidentFeatures(incidents: Iterable<Incident>, hand: string | null): FeatureCollection {
  const features: Feature[] = [];
  for (const incident of incidents) {
    if (!incident.place.position || incident.phase === 'ended') continue;
    const level = LEVELS[incident.triage.level];
    features.push(point(incident.place.position, {
      id: incident.id,
      icon: `incident-${level}`,
      label: `${incident.number.split('-').at(-1) ?? ''} ${incident.complaint}`,
      hand: incident.id === hand,
      rank: incident.id === hand ? -1 : level,
    }));
  }
  return collection(features);
}

export function siteFeatures(stations: Iterable<Station>, hospitals: Iterable<Hospital>): FeatureCollection {
  return collection([
    ...Array.from(stations, (station) => point(station.position, { icon: 'station', label: station.name, rank: 2 })),
    ...Array.from(hospitals, (hospital) =>
      point(hospital.position, { icon: hospital.diversion ? 'hospital-diverted' : 'hospital', label: hospital.name, rank: 1 })),
  ]);
}

export function closureFeatures(closures: Iterable<Closure>): FeatureCollection {
  return collection(Array.from(closures, (closure) => ({
    type: 'Feature',
    properties: { name: closure.name },
    geometry: { type: 'MultiLineString', coordinates: closure.lines.map((line) => line.map(pair)) },
  })));
}

/** Straight threads from what is in hand to the units that go or could go: who belongs to what, not which way. */
export function threadFeatures(from: Position | null, to: { position: Position; proposed: boolean }[]): FeatureCollection {
  if (!from) return collection([]);
  return collection(to.map(({ position, proposed }) => ({
    type: 'Feature',
    properties: { proposed },
    geometry: { type: 'LineString', coordinates: [pair(from), pair(position)] },
  })));
}

export function pointFeature(position: Position | null): FeatureCollection {
  return pointFeatures(position ? [position] : []);
}

export function pointFeatures(positions: Position[]): FeatureCollection {
  return collection(positions.map((position) => point(position, {})));
}

/** A parked vehicle's position trembles by metres; on the map it stands still. */
function settled(position: UnitPosition): Position {
  const round = position.speed_kmh < MOVING_KMH_MIN ? 1e4 : 1e6;
  return { longitude: Math.round(position.longitude * round) / round, latitude: Math.round(position.latitude * round) / round };
}

function point(position: Position, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: pair(position) } };
}

function pair(position: Position): [number, number] {
  return [position.longitude, position.latitude];
}

function collection(features: Feature[]): FeatureCollection {
  return { type: 'FeatureCollection', features };
}
