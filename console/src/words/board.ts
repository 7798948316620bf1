// The words of this page in the chosen language.
import { board as en } from './en/board';
import { speaker } from './language.svelte';
import { board as zh } from './zh/board';

export const say = speaker(zh, en);
