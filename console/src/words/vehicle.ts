// The words of this page in the chosen language.
import { vehicle as en } from './en/vehicle';
import { speaker } from './language.svelte';
import { vehicle as zh } from './zh/vehicle';

export const say = speaker(zh, en);
