// The layers above the city: closures, threads, sites, incidents, units, and the place being picked.
import type { GeoJSONSource, LayerSpecification, Map as CityMap, SymbolLayerSpecification } from 'maplibre-gl';
import type { FeatureCollection } from 'geojson';
import type { Palette } from './palette';
import { MAP_FONT } from './style';

export const SOURCES = ['closures', 'threads', 'sites', 'incidents', 'units', 'picked'] as const;
export type SourceName = (typeof SOURCES)[number];

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

export function addOverlays(map: CityMap, colour: Palette): void {
  for (const source of SOURCES) map.addSource(source, { type: 'geojson', data: EMPTY });
  const text = (ink: string) => ({ 'text-color': ink, 'text-halo-color': colour('--map-halo'), 'text-halo-width': 1.6 });
  for (const layer of [...lines(colour), ...marks(text, colour)]) map.addLayer(layer);
}

/** What each source shows, so that the map is drawn anew only when something moved: some desks draw without a graphics card. */
const shown = new WeakMap<GeoJSONSource, string>();

export function show(map: CityMap, source: SourceName, data: FeatureCollection): void {
  const layer = map.getSource<GeoJSONSource>(source);
  const text = JSON.stringify(data);
  if (!layer || shown.get(layer) === text) return;
  shown.set(layer, text);
  layer.setData(data);
}

function lines(colour: Palette): LayerSpecification[] {
  return [
    { id: 'closures-edge', type: 'line', source: 'closures', paint: { 'line-color': colour('--map-halo'), 'line-width': 9 } },
    { id: 'closures', type: 'line', source: 'closures', paint: { 'line-color': colour('--amber'), 'line-width': 5, 'line-dasharray': [1.2, 0.8] } },
    {
      id: 'threads', type: 'line', source: 'threads',
      paint: {
        'line-color': colour('--accent'), 'line-width': 1.5, 'line-opacity': ['case', ['get', 'proposed'], 0.55, 0.9], 'line-dasharray': [3, 3],
      },
    },
  ];
}

function marks(text: (ink: string) => Record<string, unknown>, colour: Palette): LayerSpecification[] {
  const label: SymbolLayerSpecification['layout'] = { 'text-field': ['get', 'label'], 'text-font': [MAP_FONT], 'text-size': 12, 'text-max-width': 24, 'text-optional': true };
  return [
    {
      id: 'sites', type: 'symbol', source: 'sites', minzoom: 9,
      layout: { ...label, 'icon-image': ['get', 'icon'], 'icon-size': 0.72, 'icon-allow-overlap': true, 'text-offset': [0, 1.1], 'text-anchor': 'top', 'text-size': 11, 'symbol-sort-key': ['get', 'rank'] },
      paint: text(colour('--map-label')),
    },
    {
      id: 'incident-ring', type: 'circle', source: 'incidents', filter: ['get', 'hand'],
      paint: { 'circle-radius': 24, 'circle-color': 'transparent', 'circle-stroke-width': 2.5, 'circle-stroke-color': colour('--accent') },
    },
    {
      id: 'incidents', type: 'symbol', source: 'incidents',
      layout: { ...label, 'icon-image': ['get', 'icon'], 'icon-anchor': 'bottom', 'icon-allow-overlap': true, 'text-anchor': 'left', 'text-offset': [1.3, -1.2], 'symbol-sort-key': ['get', 'rank'] },
      paint: text(colour('--text')),
    },
    {
      id: 'heading', type: 'symbol', source: 'units', filter: ['get', 'moving'],
      layout: { 'icon-image': 'heading', 'icon-rotate': ['get', 'heading'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true },
    },
    {
      id: 'units', type: 'symbol', source: 'units',
      layout: { ...label, 'icon-image': ['get', 'icon'], 'icon-size': 0.85, 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'text-anchor': 'top', 'text-offset': [0, 0.9], 'symbol-sort-key': ['get', 'busy'] },
      paint: text(colour('--text')),
    },
    {
      id: 'picked', type: 'circle', source: 'picked',
      paint: { 'circle-radius': 9, 'circle-color': 'transparent', 'circle-stroke-width': 3, 'circle-stroke-color': colour('--accent') },
    },
  ];
}
