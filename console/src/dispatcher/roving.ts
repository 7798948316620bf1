// Arrow keys, Home and End move through the rows of a list; the list takes the focus once, not once per row.

export function roving(list: HTMLElement): { destroy: () => void } {
  const rows = () => [...list.querySelectorAll<HTMLElement>('button.row, [role="option"]')];

  function onFocus(event: FocusEvent): void {
    if (event.target !== list) return;
    const all = rows();
    (all.find((row) => row.getAttribute('aria-selected') === 'true') ?? all[0])?.focus();
  }

  function onKey(event: KeyboardEvent): void {
    const all = rows();
    const here = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
  }

  list.tabIndex = -1;
  list.addEventListener('focus', onFocus);
  list.addEventListener('keydown', onKey);
  return {
    destroy() {
      list.removeEventListener('focus', onFocus);
      list.removeEventListener('keydown', onKey);
    },
  };
}
