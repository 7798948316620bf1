// What was written and has not arrived: kept on the telephone, sent again under the same key until the centre has it.

export interface Letter { key: string; path: string; body: unknown }
/** What the centre made of a letter: its answer, a refusal in words, or silence. */
export type Fate = { kind: 'answer'; body: unknown } | { kind: 'refused'; why: string } | { kind: 'silence' };
export type Post = (letter: Letter) => Promise<Fate>;

export const LETTERS_MAX = 100;

export class Outbox {
  private sending = false;

  constructor(
    private readonly post: Post,
    private readonly keep: (letters: Letter[]) => void,
    public letters: Letter[] = [],
  ) {}

  put(letter: Letter): boolean {
    if (this.letters.length >= LETTERS_MAX) return false;
    this.letters = [...this.letters, letter];
    this.keep(this.letters);
    return true;
  }

  /** Sends in order until one meets silence; each fate is told. A refused letter does not stand in the way of the next. */
  async flush(tell: (letter: Letter, fate: Fate) => void): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let letter = this.letters[0]; letter; letter = this.letters[0]) {
        const fate = await this.post(letter);
        if (fate.kind === 'silence') break;
        this.letters = this.letters.slice(1);
        this.keep(this.letters);
        tell(letter, fate);
      }
    } finally {
      this.sending = false;
    }
  }
}
