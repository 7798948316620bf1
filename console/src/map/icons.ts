// The marks on the map, drawn here in the theme's colours: no sprite is fetched.
import type { Map as CityMap } from 'maplibre-gl';
import type { Palette } from './palette';
import { SHAPES, type Shape, type ShapeName } from './shapes';

const SIZE = 48;
const MIDDLE = SIZE / 2;
const RADIUS = 15;

type Draw = (pen: CanvasRenderingContext2D) => void;

const PATHS: Record<ShapeName, Draw> = {
  ready: (pen) => pen.arc(MIDDLE, MIDDLE, RADIUS - 3, 0, Math.PI * 2),
  ordered: (pen) => polygon(pen, [[0, -RADIUS], [RADIUS, 0], [0, RADIUS], [-RADIUS, 0]]),
  driving: (pen) => polygon(pen, [[0, -RADIUS], [RADIUS, RADIUS - 3], [-RADIUS, RADIUS - 3]]),
  scene: (pen) => pen.rect(MIDDLE - 12, MIDDLE - 12, 24, 24),
  loaded: (pen) => polygon(pen, [[-11, -RADIUS + 1], [RADIUS, 0], [-11, RADIUS - 1]]),
  hospital: (pen) => polygon(pen, [[-5, -14], [5, -14], [5, -5], [14, -5], [14, 5], [5, 5], [5, 14], [-5, 14], [-5, 5], [-14, 5], [-14, -5], [-5, -5]]),
  paused: (pen) => { pen.rect(MIDDLE - 11, MIDDLE - 12, 8, 24); pen.rect(MIDDLE + 3, MIDDLE - 12, 8, 24); },
  silent: (pen) => polygon(pen, [[-12, -7], [-7, -12], [0, -5], [7, -12], [12, -7], [5, 0], [12, 7], [7, 12], [0, 5], [-7, 12], [-12, 7], [-5, 0]]),
};

export function addIcons(map: CityMap, colour: Palette): void {
  for (const shape of Object.values(SHAPES)) {
    put(map, `unit-${shape.name}`, mark(shape, colour, false));
    put(map, `unit-${shape.name}-stale`, mark(shape, colour, true));
  }
  put(map, 'heading', heading(colour));
  put(map, 'hospital', square(colour('--panel'), colour('--text'), 'H'));
  put(map, 'hospital-diverted', square(colour('--amber-ground'), colour('--amber'), 'H'));
  put(map, 'station', square(colour('--panel'), colour('--quiet'), '站'));
  for (const level of [1, 2, 3, 4]) put(map, `incident-${level}`, incident(colour(`--level-${level}`), colour('--map-halo'), level));
}

function mark(shape: Shape, colour: Palette, stale: boolean): ImageData {
  return image((pen) => {
    const ink = stale ? colour('--quiet') : colour(shape.colour);
    pen.beginPath();
    PATHS[shape.name](pen);
    pen.closePath();
    pen.lineWidth = 7;
    pen.strokeStyle = colour('--map-halo');
    pen.stroke();
    const hollow = shape.name === 'ready' || shape.name === 'ordered' || stale;
    pen.fillStyle = hollow ? colour('--map-halo') : ink;
    pen.fill();
    if (stale) pen.setLineDash([5, 4]);
    pen.lineWidth = 4;
    pen.strokeStyle = ink;
    pen.stroke();
  });
}

function heading(colour: Palette): ImageData {
  return image((pen) => {
    pen.beginPath();
    polygon(pen, [[0, -23], [7, -16], [-7, -16]]);
    pen.fillStyle = colour('--text');
    pen.fill();
  });
}

function square(ground: string, ink: string, letter: string): ImageData {
  return image((pen) => {
    pen.fillStyle = ground;
    pen.strokeStyle = ink;
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.roundRect(MIDDLE - 14, MIDDLE - 14, 28, 28, 5);
    pen.fill();
    pen.stroke();
    write(pen, letter, ink, 19);
  });
}

function incident(ink: string, halo: string, level: number): ImageData {
  return image((pen) => {
    pen.beginPath();
    pen.moveTo(MIDDLE, SIZE - 2);
    pen.lineTo(MIDDLE - 12, MIDDLE + 6);
    pen.arc(MIDDLE, MIDDLE - 4, 16, Math.PI * 0.8, Math.PI * 0.2);
    pen.closePath();
    pen.lineWidth = 5;
    pen.strokeStyle = halo;
    pen.stroke();
    pen.fillStyle = ink;
    pen.fill();
    write(pen, ['Ⅰ', 'Ⅱ', 'Ⅲ', 'Ⅳ'][level - 1] ?? '', halo, 20, MIDDLE - 4);
  });
}

function write(pen: CanvasRenderingContext2D, text: string, ink: string, size: number, y = MIDDLE): void {
  pen.fillStyle = ink;
  pen.font = `700 ${size}px sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, MIDDLE, y + 1);
}

function polygon(pen: CanvasRenderingContext2D, points: [number, number][]): void {
  points.forEach(([x, y], index) => (index === 0 ? pen.moveTo(MIDDLE + x, MIDDLE + y) : pen.lineTo(MIDDLE + x, MIDDLE + y)));
}

function image(draw: Draw): ImageData {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser draws no pictures');
  draw(pen);
  return pen.getImageData(0, 0, SIZE, SIZE);
}

function put(map: CityMap, name: string, data: ImageData): void {
  if (map.hasImage(name)) map.updateImage(name, data);
  else map.addImage(name, data, { pixelRatio: 2 });
}
