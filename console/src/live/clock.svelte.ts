// The centre's clock as this page sees it. In a demonstration it runs faster than the wall; a tick sets it right.

export class CentreClock {
  /** The centre's time, in milliseconds since 1970; shown clocks follow it. */
  now = $state(Date.now());
  rate = $state(1);
  /** How far local time is ahead of UTC, in seconds. */
  utcOffset = $state(8 * 3600);
  private anchorWall = performance.now();
  private anchorNow = Date.now();

  /** Takes the centre's word for the time. */
  set(now: string, rate: number): void {
    const at = Date.parse(now);
    if (Number.isNaN(at) || !(rate > 0)) return;
    this.anchorWall = performance.now();
    this.anchorNow = at;
    this.rate = rate;
    this.advance();
  }

  /** Moves the shown time on. */
  advance(): void {
    this.now = this.anchorNow + (performance.now() - this.anchorWall) * this.rate;
  }

  /** Keeps the clock going; answers with how to stop it. */
  run(every_ms = 250): () => void {
    const timer = setInterval(() => this.advance(), every_ms);
    return () => clearInterval(timer);
  }
}
