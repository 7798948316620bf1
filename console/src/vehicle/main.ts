// The in-vehicle terminal, served by the vehicle itself.
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import { theme } from '../look/theme.svelte';
import Terminal from './Terminal.svelte';

theme.start('dark');
const target = document.getElementById('page');
if (!target) throw new Error('the page has no place to stand in');
mount(Terminal, { target });
