// The map takes its colours from the design tokens, so that a switch of theme is one set of numbers.

export type Palette = (token: string) => string;

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return (token) => style.getPropertyValue(token).trim() || '#888888';
}
