// Nothing written is lost, sent twice or out of order, whatever the network does.
import { describe, expect, it } from 'vitest';
import { LETTERS_MAX, Outbox, type Fate, type Letter } from './outbox';

const letter = (key: string): Letter => ({ key, path: 'lines', body: { text: key } });

function network(fates: Fate['kind'][]) {
  const sent: string[] = [];
  const post = async ({ key }: Letter): Promise<Fate> => {
    sent.push(key);
    const kind = fates.shift() ?? 'answer';
    return kind === 'answer' ? { kind, body: {} } : kind === 'refused' ? { kind, why: 'no' } : { kind };
  };
  return { sent, post };
}

describe('the outbox', () => {
  it('keeps what meets silence and sends it again under the same key, in order', async () => {
    const { sent, post } = network(['silence']);
    const kept: string[][] = [];
    const outbox = new Outbox(post, (letters) => kept.push(letters.map((one) => one.key)));
    outbox.put(letter('a'));
    outbox.put(letter('b'));
    await outbox.flush(() => undefined);
    expect(outbox.letters.map((one) => one.key)).toEqual(['a', 'b']);
    await outbox.flush(() => undefined);
    expect(sent).toEqual(['a', 'a', 'b']);
    expect(kept.at(-1)).toEqual([]);
  });

  it('tells of a refusal and goes on with the next', async () => {
    const { post } = network(['refused']);
    const outbox = new Outbox(post, () => undefined, [letter('a'), letter('b')]);
    const fates: string[] = [];
    await outbox.flush((one, fate) => fates.push(`${one.key} ${fate.kind}`));
    expect(fates).toEqual(['a refused', 'b answer']);
  });

  it('sends each once though two turns overlap', async () => {
    const { sent, post } = network([]);
    const outbox = new Outbox(post, () => undefined, [letter('a')]);
    await Promise.all([outbox.flush(() => undefined), outbox.flush(() => undefined)]);
    expect(sent).toEqual(['a']);
  });

  it('has a bound', () => {
    const outbox = new Outbox(network([]).post, () => undefined, Array.from({ length: LETTERS_MAX }, (_, index) => letter(String(index))));
    expect(outbox.put(letter('one more'))).toBe(false);
  });
});
