// The text call: for people who cannot speak or hear.
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import TextCall from './TextCall.svelte';

const target = document.getElementById('page');
if (!target) throw new Error('the page has no place to stand in');
mount(TextCall, { target });
