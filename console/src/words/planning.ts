// The words of this page in the chosen language.
import { planning as en } from './en/planning';
import { speaker } from './language.svelte';
import { planning as zh } from './zh/planning';

export const say = speaker(zh, en);
