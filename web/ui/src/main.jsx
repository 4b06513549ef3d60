/* main.jsx - starts the console: theme and language first, so that nothing is
 * drawn twice, then the shell. */
import { render } from 'preact';
import { preferred, setLanguage } from './lib/language.js';
import { applyTheme } from './lib/theme.js';
import { App } from './part/App.jsx';

applyTheme();
await setLanguage(preferred(), { store: false });
render(<App />, document.getElementById('app'));
