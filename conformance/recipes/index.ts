/**
 * Every recipe, by the file that holds it: the file becomes `provenance.recipe` of its cases.
 *
 * A new file of recipes needs two lines here, its import and its entry; `generate.test.ts` finds a file that is left
 * out.
 * @module
 */

import { recipes as dumpfileCanonical } from './dumpfile/canonical.ts';
import { recipes as dumpfileReadings } from './dumpfile/readings.ts';
import { recipes as dumpfileRefusedContent } from './dumpfile/refused-content.ts';
import { recipes as dumpfileRefusedLines } from './dumpfile/refused-lines.ts';
import { recipes as dumpfileRefusedPaths } from './dumpfile/refused-paths.ts';
import { recipes as erofsDirectories } from './erofs/directories.ts';
import { recipes as erofsFiles } from './erofs/files.ts';
import { recipes as erofsOrder } from './erofs/order.ts';
import { recipes as erofsOverlay } from './erofs/overlay.ts';
import { recipes as erofsRead } from './erofs/read.ts';
import { recipes as erofsRefusedDirectories } from './erofs/refused-directories.ts';
import { recipes as erofsRefusedImages } from './erofs/refused-images.ts';
import { recipes as erofsXattrs } from './erofs/xattrs.ts';
import { recipes as fsverity } from './fsverity.ts';
import { recipes as imageBlobs } from './image/blobs.ts';
import { recipes as imageChoice } from './image/choice.ts';
import { recipes as imageDocuments } from './image/documents.ts';
import { recipes as imageLayers } from './image/layers.ts';
import { recipes as layersArchive } from './layers/archive.ts';
import { recipes as layersCompression } from './layers/compression.ts';
import { recipes as layersExtended } from './layers/extended.ts';
import { recipes as layersHeaders } from './layers/headers.ts';
import { recipes as layersNames } from './layers/names.ts';
import { recipes as mergeContent } from './merge/content.ts';
import { recipes as mergeEntries } from './merge/entries.ts';
import { recipes as mergeLinks } from './merge/links.ts';
import { recipes as mergeOwn } from './merge/own.ts';
import { recipes as mergeWhiteouts } from './merge/whiteouts.ts';
import type { Recipe } from './recipe.ts';
import { recipes as transform } from './transform.ts';

/** Path from the top of the repository to the recipes of that file: `'conformance/recipes/tree.ts': tree`. */
export const recipes: Readonly<Record<string, readonly Recipe[]>> = {
  'conformance/recipes/dumpfile/canonical.ts': dumpfileCanonical,
  'conformance/recipes/dumpfile/readings.ts': dumpfileReadings,
  'conformance/recipes/dumpfile/refused-content.ts': dumpfileRefusedContent,
  'conformance/recipes/dumpfile/refused-lines.ts': dumpfileRefusedLines,
  'conformance/recipes/dumpfile/refused-paths.ts': dumpfileRefusedPaths,
  'conformance/recipes/erofs/directories.ts': erofsDirectories,
  'conformance/recipes/erofs/files.ts': erofsFiles,
  'conformance/recipes/erofs/order.ts': erofsOrder,
  'conformance/recipes/erofs/overlay.ts': erofsOverlay,
  'conformance/recipes/erofs/read.ts': erofsRead,
  'conformance/recipes/erofs/refused-directories.ts': erofsRefusedDirectories,
  'conformance/recipes/erofs/refused-images.ts': erofsRefusedImages,
  'conformance/recipes/erofs/xattrs.ts': erofsXattrs,
  'conformance/recipes/fsverity.ts': fsverity,
  'conformance/recipes/image/blobs.ts': imageBlobs,
  'conformance/recipes/image/choice.ts': imageChoice,
  'conformance/recipes/image/documents.ts': imageDocuments,
  'conformance/recipes/image/layers.ts': imageLayers,
  'conformance/recipes/layers/archive.ts': layersArchive,
  'conformance/recipes/layers/compression.ts': layersCompression,
  'conformance/recipes/layers/extended.ts': layersExtended,
  'conformance/recipes/layers/headers.ts': layersHeaders,
  'conformance/recipes/layers/names.ts': layersNames,
  'conformance/recipes/merge/content.ts': mergeContent,
  'conformance/recipes/merge/entries.ts': mergeEntries,
  'conformance/recipes/merge/links.ts': mergeLinks,
  'conformance/recipes/merge/own.ts': mergeOwn,
  'conformance/recipes/merge/whiteouts.ts': mergeWhiteouts,
  'conformance/recipes/transform.ts': transform,
};
