import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { setLanguage, storedLanguage } from './i18n/index.svelte';
import { app } from './state/app.svelte';
import { parsePermalink } from './state/permalink';

const link = parsePermalink(location.hash);
setLanguage(link.lang ?? storedLanguage());
app.apply(link);

const target = document.getElementById('app');
if (target) mount(App, { target });
