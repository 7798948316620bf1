// How the city is drawn: vector tiles of the centre's own server. No glyphs are fetched: with no `glyphs` in the style,
// every letter is drawn from the fonts of this machine.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

const TILE_ZOOM_MAX = 16;
export const MAP_FONT = 'Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif';

interface RoadRank { classes: string[]; colour: string; widths: [number, number, number] }

/** From the narrowest to the widest, so that wide roads lie on top; widths in pixels at zoom 10, 13 and 17. */
const ROADS: RoadRank[] = [
  { classes: ['track', 'service', 'living_street'], colour: '--map-road-minor', widths: [0, 0.5, 4] },
  { classes: ['residential', 'unclassified'], colour: '--map-road-minor', widths: [0.2, 1, 7] },
  { classes: ['tertiary', 'tertiary_link', 'secondary_link'], colour: '--map-road', widths: [0.5, 1.8, 10] },
  { classes: ['secondary', 'primary_link'], colour: '--map-road', widths: [0.9, 2.6, 13] },
  { classes: ['primary', 'trunk_link', 'motorway_link'], colour: '--map-road-major', widths: [1.2, 3.2, 15] },
  { classes: ['trunk', 'motorway'], colour: '--map-road-motorway', widths: [1.6, 4, 18] },
];

export function cityStyle(colour: Palette, tiles: string, attribution: string, zoomMin = 6, zoomMax = TILE_ZOOM_MAX): StyleSpecification {
  return {
    version: 8,
    sources: { city: { type: 'vector', tiles: [tiles], minzoom: zoomMin, maxzoom: zoomMax, attribution } },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colour('--map-ground') } },
      area('built', colour('--map-built')),
      area('green', colour('--map-green')),
      area('water', colour('--map-water')),
      waterway(colour),
      districts(colour),
      railways(colour),
      ...ROADS.map((rank, index) => road(rank, index, colour)),
      bridges(colour),
      roadNames(colour),
      placeNames(colour),
    ],
  };
}

function area(id: string, colour: string): LayerSpecification {
  return {
    id, type: 'fill', source: 'city', 'source-layer': id, filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': colour },
  };
}

function waterway(colour: Palette): LayerSpecification {
  return {
    id: 'waterways', type: 'line', source: 'city', 'source-layer': 'water', filter: ['==', ['geometry-type'], 'LineString'],
    paint: { 'line-color': colour('--map-water'), 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 1, 16, 4] },
  };
}

function districts(colour: Palette): LayerSpecification {
  return {
    id: 'districts', type: 'line', source: 'city', 'source-layer': 'districts',
    paint: { 'line-color': colour('--map-district'), 'line-width': 1, 'line-dasharray': [4, 3], 'line-opacity': 0.6 },
  };
}

function railways(colour: Palette): LayerSpecification {
  return {
    id: 'railways', type: 'line', source: 'city', 'source-layer': 'railways',
    paint: { 'line-color': colour('--map-rail'), 'line-width': 1.2, 'line-dasharray': [6, 2] },
  };
}

function road(rank: RoadRank, index: number, colour: Palette): LayerSpecification {
  const [far, middle, near] = rank.widths;
  return {
    id: `roads-${index}`, type: 'line', source: 'city', 'source-layer': 'roads',
    filter: ['in', ['get', 'class'], ['literal', rank.classes]],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: {
      'line-color': colour(rank.colour),
      'line-width': ['interpolate', ['exponential', 1.4], ['zoom'], 10, far, 13, middle, 17, near],
    },
  };
}

/** A bridge is where the way can end for everybody: its edge is drawn. */
function bridges(colour: Palette): LayerSpecification {
  return {
    id: 'bridges', type: 'line', source: 'city', 'source-layer': 'roads', minzoom: 11,
    filter: ['==', ['to-boolean', ['get', 'bridge']], true],
    paint: { 'line-color': colour('--map-label'), 'line-width': 1, 'line-gap-width': ['interpolate', ['linear'], ['zoom'], 11, 3, 17, 18], 'line-opacity': 0.5 },
  };
}

function roadNames(colour: Palette): LayerSpecification {
  return {
    id: 'road-names', type: 'symbol', source: 'city', 'source-layer': 'roads', minzoom: 12,
    filter: ['!=', ['coalesce', ['get', 'name'], ''], ''],
    layout: {
      'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': [MAP_FONT],
      'text-size': ['interpolate', ['linear'], ['zoom'], 12, 10, 16, 13], 'symbol-spacing': 320,
    },
    paint: { 'text-color': colour('--map-label'), 'text-halo-color': colour('--map-halo'), 'text-halo-width': 1.4 },
  };
}

function placeNames(colour: Palette): LayerSpecification {
  return {
    id: 'place-names', type: 'symbol', source: 'city', 'source-layer': 'labels', minzoom: 8,
    filter: ['!=', ['coalesce', ['get', 'name'], ''], ''],
    layout: {
      'text-field': ['get', 'name'], 'text-font': [MAP_FONT], 'text-max-width': 8,
      'text-size': ['interpolate', ['linear'], ['zoom'], 9, 12, 15, 15], 'text-letter-spacing': 0.1,
    },
    paint: { 'text-color': colour('--map-label'), 'text-halo-color': colour('--map-halo'), 'text-halo-width': 1.6 },
  };
}
