// The words about patients, of the terminal, the desk and the arrival board, in the chosen language.
import { patients as en } from './en/patients';
import { speaker } from './language.svelte';
import { patients as zh } from './zh/patients';

export const say = speaker(zh, en);
