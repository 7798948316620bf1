// How the node that this page speaks to stands: whether it leads, and where what it acknowledges is kept.
import { read } from '../api/centre';
import type { NodeStanding } from '../api/types';

/** Asked often enough that nobody works for long at a node that no longer leads. */
const EVERY_MS = 2000;

export class NodeWatch {
  standing = $state<NodeStanding | null>(null);

  /** Asks until the answered function is called. */
  start(): () => void {
    const ask = () => void read.leadership().then((standing) => (this.standing = standing), () => undefined);
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => clearInterval(timer);
  }
}
