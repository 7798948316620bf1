// The emergency department's arrival board.
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import { theme } from '../look/theme.svelte';
import ArrivalBoard from './ArrivalBoard.svelte';

theme.start('dark');
const target = document.getElementById('page');
if (!target) throw new Error('the page has no place to stand in');
mount(ArrivalBoard, { target });
