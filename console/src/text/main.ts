// The text call: for people who cannot speak or hear.
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import { theme } from '../look/theme.svelte';
import TextCall from './TextCall.svelte';

theme.start('light');
const target = document.getElementById('page');
if (!target) throw new Error('the page has no place to stand in');
mount(TextCall, { target });
