// One text call from the caller's side: what is being written, what is on its way, what the centre answers.
import { freshKey } from '../api/key';
import { get, Problem, write } from '../api/request';
import type { Place, TextCall } from '../api/types';
import { language } from '../words/language.svelte';
import { Outbox, type Fate, type Letter } from './outbox';
import { recall, remember } from './shelf';

export interface Fix { longitude: number; latitude: number; accuracy: number; at: number }
interface Held { call: string; secret: string }

const ASK_EVERY_MS = 3_000;
const FIX_KEPT_MS = 300_000;
const CALLS = '/api/v1/text-calls';

export class Caller {
  held = $state.raw<Held | null>(recall<Held | null>('held', null));
  answer = $state.raw<TextCall | null>(recall<TextCall | null>('answer', null));
  draft = $state(recall('draft', ''));
  address = $state(recall('address', ''));
  phone = $state(recall('phone', ''));
  position = $state.raw<Place['position']>(null);
  accuracy_m = $state<number | null>(null);
  private readonly fix = recall<Fix | null>('fix', null);
  /** Written here and not yet at the centre. */
  unsent = $state.raw<Letter[]>([]);
  online = $state(true);
  refused = $state<string | null>(null);
  private readonly outbox = new Outbox(
    (letter) => this.post(letter),
    (letters) => {
      remember('letters', letters);
      this.unsent = letters;
    },
    recall<Letter[]>('letters', []),
  );

  start(): () => void {
    if (this.fix && Date.now() - this.fix.at < FIX_KEPT_MS) this.locate(this.fix);
    this.unsent = this.outbox.letters;
    const turn = () => void this.turn();
    const every = setInterval(turn, ASK_EVERY_MS);
    addEventListener('online', turn);
    turn();
    return () => {
      clearInterval(every);
      removeEventListener('online', turn);
    };
  }

  /** Kept with every stroke. */
  note(): void {
    remember('draft', this.draft);
    remember('address', this.address);
    remember('phone', this.phone);
  }

  /** The telephone knows where it is; a page that is opened again soon after still does. */
  locate(fix: Fix): void {
    this.position = { longitude: fix.longitude, latitude: fix.latitude };
    this.accuracy_m = Math.round(fix.accuracy);
    remember('fix', fix);
  }

  get place(): Place {
    return { position: this.position, address: this.address.trim(), waiting_place: '' };
  }

  send(text: string): void {
    const words = text.trim();
    if (words === '') return;
    const first = this.held === null && !this.unsent.some((letter) => letter.path === '');
    const body = first ? { text: words, phone: this.phone.trim() || null, place: this.place } : { text: words };
    if (!this.outbox.put({ key: freshKey(), path: first ? '' : 'lines', body })) return;
    this.draft = '';
    this.note();
    void this.turn();
  }

  /** Tells the centre where the caller is now; before the first words this waits for them. */
  tellPlace(): void {
    if (this.held === null && this.unsent.length === 0) return;
    this.outbox.put({ key: freshKey(), path: 'location', body: this.place });
    void this.turn();
  }

  /** A new call: the old one is over and let go. */
  again(): void {
    this.held = null;
    this.answer = null;
    remember('held', null);
    remember('answer', null);
  }

  private async turn(): Promise<void> {
    await this.outbox.flush((letter, fate) => this.told(letter, fate));
    if (this.held === null) return;
    try {
      const { call, secret } = this.held;
      this.learn(await get<TextCall>(`${CALLS}/${call}`, { headers: { 'Jichi-Secret': secret } }));
      this.online = true;
    } catch (error) {
      if (!(error instanceof Problem)) this.online = false;
      else if (error.status === 404 || error.status === 403) this.again();
    }
  }

  private learn(answer: TextCall): void {
    this.answer = answer;
    remember('answer', answer);
  }

  private told(letter: Letter, fate: Fate): void {
    if (fate.kind === 'refused') this.refused = fate.why;
    if (fate.kind !== 'answer') return;
    this.refused = null;
    if (letter.path === '') {
      const { call, secret } = fate.body as { call: string | { id: string }; secret: string };
      this.held = { call: typeof call === 'string' ? call : call.id, secret };
      remember('held', this.held);
    } else this.learn(fate.body as TextCall);
  }

  private async post(letter: Letter): Promise<Fate> {
    if (letter.path !== '' && this.held === null) return { kind: 'silence' };
    const path = letter.path === '' ? CALLS : `${CALLS}/${this.held?.call ?? ''}/${letter.path}`;
    const headers: Record<string, string> = this.held && letter.path !== '' ? { 'Jichi-Secret': this.held.secret } : {};
    try {
      const body = await write<unknown>('POST', path, letter.body, { key: letter.key, headers });
      this.online = true;
      return { kind: 'answer', body };
    } catch (error) {
      const passing = !(error instanceof Problem) || error.status >= 500 || error.status === 429;
      this.online = error instanceof Problem;
      return passing ? { kind: 'silence' } : { kind: 'refused', why: error.words(language.current) };
    }
  }
}
