// The words of this page in the chosen language.
import { text as en } from './en/text';
import { speaker } from './language.svelte';
import { text as zh } from './zh/text';

export const say = speaker(zh, en);
