// The city's response-time report.
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import Report from './Report.svelte';

const target = document.getElementById('page');
if (!target) throw new Error('the page has no place to stand in');
mount(Report, { target });
