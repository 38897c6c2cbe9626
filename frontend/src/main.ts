import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { setLanguage, storedLanguage } from './i18n/index.svelte';

setLanguage(storedLanguage());

const target = document.getElementById('app');
if (target) mount(App, { target });
