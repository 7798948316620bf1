// Planning: a past day under another policy, with other stations and units.
import { mount } from 'svelte';
import '../look/tokens.css';
import '../look/base.css';
import { theme } from '../look/theme.svelte';
import Planning from './Planning.svelte';

const target = document.getElementById('page');
if (!target) throw new Error('the page has no place to stand in');
theme.start('light');
mount(Planning, { target });
