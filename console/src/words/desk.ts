// The words of this page in the chosen language.
import { desk as en } from './en/desk';
import { speaker } from './language.svelte';
import { desk as zh } from './zh/desk';

export const say = speaker(zh, en);
