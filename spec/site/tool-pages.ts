/**
 * The pages that do something: the map of an image, and "Try it".
 * @module
 */

import { erofsFormats } from '../../reference/erofs/format-rules.ts';
import { algorithms } from '../../reference/fsverity/algorithm.ts';
import { roles } from '../../reference/tree/options.ts';
import { Html, html } from './html.ts';
import { pageOf } from './links.ts';
import type { Page } from './page.ts';
import type { SiteData } from './site-data.ts';

/** A small tree to begin with. */
const EXAMPLE = `/ 4096 40755 3 0 0 0 0.0 - - -
/etc 4096 40755 2 0 0 0 0.0 - - -
/etc/motd 6 100644 1 0 0 0 0.0 - hello\\n -
`;

export function mapPage({ requirements }: SiteData): Page {
  const pages = Object.fromEntries([...requirements.values()].map(({ entry }) => [entry.id, pageOf(entry)]));
  return {
    path: 'map.html',
    title: 'Map of an image',
    scripts: ['map.js'],
    main: html`<h1>Map of an image</h1>
<p>Point to a byte, or move with the arrow keys. Rows of zeros are left out. The pages of cases lead here.</p>
<p id="field" role="status"></p>
<div id="bytes" role="grid" aria-label="bytes of the image"></div>
<script type="application/json" id="pages">${new Html(JSON.stringify(pages))}</script>`,
  };
}

export function tryPage(): Page {
  return {
    path: 'try.html',
    title: 'Try it',
    scripts: ['try.js'],
    main: html`<h1>Try it</h1>
<p>Drop a dumpfile, a layer or an OCI archive on this page, choose one, or type a dumpfile. The reference computes the image in this page; nothing leaves your machine.</p>
<noscript><p>This page needs JavaScript. <code>npx composefs-oci digest</code> computes the same.</p></noscript>
<form id="try">
<p><label>File <input type="file" id="file"></label></p>
<p><label for="text">Dumpfile</label><textarea id="text" rows="8" spellcheck="false">${EXAMPLE}</textarea></p>
<p>${select('algorithm', 'Algorithm', algorithms)} ${select('format', 'Format', ['v1', ...erofsFormats.filter(name => name !== 'v1')])} ${select('role', 'Role', roles)}</p>
<p><button>Compute</button></p>
</form>
<p id="status" role="status"></p>
<div id="results" hidden>
<h2>Digest</h2><p><code id="digest"></code></p>
<h2>Tree</h2><pre tabindex="0"><code id="tree"></code></pre><p><a id="save-tree" download="tree.dump">Save the dumpfile</a></p>
<h2>Image</h2><pre tabindex="0"><code id="image"></code></pre><p><a id="save-image" download="image.erofs">Save the image</a></p>
</div>`,
  };
}

function select(name: string, label: string, options: readonly string[]): Html {
  return html`<label>${label} <select name="${name}">${options.map(option => html`<option>${option}</option>`)}</select></label>`;
}
