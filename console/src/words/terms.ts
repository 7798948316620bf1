// The terms of the trade in the chosen language.
import { terms as en } from './en/terms';
import { speaker } from './language.svelte';
import { terms as zh } from './zh/terms';

export const term = speaker(zh, en);
