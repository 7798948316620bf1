// Dark for the night desk, light for daylight: chosen by a switch and kept by this screen.

export type Look = 'dark' | 'light';
const KEPT_UNDER = 'jichi.look';

class Theme {
  current = $state<Look>('dark');

  /** Takes the kept choice, or what the page is made for. */
  start(otherwise: Look): void {
    let kept: string | null = null;
    try {
      kept = localStorage.getItem(KEPT_UNDER);
    } catch {
      // Storage may be forbidden: the page's own look then.
    }
    this.show(kept === 'light' || kept === 'dark' ? kept : otherwise);
  }

  toggle(): void {
    this.show(this.current === 'dark' ? 'light' : 'dark');
    try {
      localStorage.setItem(KEPT_UNDER, this.current);
    } catch {
      // The choice then lasts as long as the page.
    }
  }

  private show(look: Look): void {
    this.current = look;
    document.documentElement.dataset['theme'] = look;
  }
}

export const theme = new Theme();
