// The words of this page in the chosen language.
import { report as en } from './en/report';
import { speaker } from './language.svelte';
import { report as zh } from './zh/report';

export const say = speaker(zh, en);
