// The words of the accident's card in the chosen language.
import { accident as en } from './en/accident';
import { speaker } from './language.svelte';
import { accident as zh } from './zh/accident';

export const told = speaker(zh, en);
