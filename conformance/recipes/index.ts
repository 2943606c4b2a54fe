/**
 * Every recipe, by the file that holds it: the file becomes `provenance.recipe` of its cases.
 *
 * A new file of recipes needs two lines here, its import and its entry; `generate.test.ts` finds a file that is left
 * out.
 * @module
 */

import { recipes as cmdlineParse } from './cmdline/parse.ts';
import { recipes as dumpfileCanonical } from './dumpfile/canonical.ts';
import { recipes as dumpfileReadings } from './dumpfile/readings.ts';
import { recipes as dumpfileRefusedContent } from './dumpfile/refused-content.ts';
import { recipes as dumpfileRefusedLines } from './dumpfile/refused-lines.ts';
import { recipes as dumpfileRefusedPaths } from './dumpfile/refused-paths.ts';
import { recipes as erofsAlgorithms } from './erofs/algorithms.ts';
import { recipes as erofsDirectories } from './erofs/directories.ts';
import { recipes as erofsFiles } from './erofs/files.ts';
import { recipes as erofsFormatV0 } from './erofs/format-v0.ts';
import { recipes as erofsFormatV2 } from './erofs/format-v2.ts';
import { recipes as erofsOrder } from './erofs/order.ts';
import { recipes as erofsOverlay } from './erofs/overlay.ts';
import { recipes as erofsRead } from './erofs/read.ts';
import { recipes as erofsReadV2 } from './erofs/read-v2.ts';
import { recipes as erofsRefusedDirectories } from './erofs/refused-directories.ts';
import { recipes as erofsRefusedImages } from './erofs/refused-images.ts';
import { recipes as erofsXattrs } from './erofs/xattrs.ts';
import { recipes as fsverity } from './fsverity.ts';
import { recipes as fsverityOptional } from './fsverity-optional.ts';
import { recipes as imageBlobs } from './image/blobs.ts';
import { recipes as imageChoice } from './image/choice.ts';
import { recipes as imageDocuments } from './image/documents.ts';
import { recipes as imageFormats } from './image/formats.ts';
import { recipes as imageLayers } from './image/layers.ts';
import { recipes as layersArchive } from './layers/archive.ts';
import { recipes as layersCompressedBlocks } from './layers/compressed-blocks.ts';
import { recipes as layersCompression } from './layers/compression.ts';
import { recipes as layersExpansion } from './layers/expansion.ts';
import { recipes as layersExtended } from './layers/extended.ts';
import { recipes as layersFamilies } from './layers/families.ts';
import { recipes as layersHeaders } from './layers/headers.ts';
import { recipes as layersNames } from './layers/names.ts';
import { recipes as mergeContent } from './merge/content.ts';
import { recipes as mergeEntries } from './merge/entries.ts';
import { recipes as mergeLinks } from './merge/links.ts';
import { recipes as mergeOwn } from './merge/own.ts';
import { recipes as mergeWhiteouts } from './merge/whiteouts.ts';
import type { Recipe } from './recipe.ts';
import { recipes as sealArtifact } from './seal/artifact.ts';
import { recipes as sealIndexes } from './seal/indexes.ts';
import { recipes as sealInline } from './seal/inline.ts';
import { recipes as sealPlatforms } from './seal/platforms.ts';
import { recipes as sealSigned } from './seal/signed.ts';
import { recipes as transformBootable } from './transform/bootable.ts';
import { recipes as transformOci } from './transform/oci.ts';
import { recipes as verifyArtifacts } from './verify/artifacts.ts';
import { recipes as verifyBoot } from './verify/boot.ts';
import { recipes as verifyInline } from './verify/inline.ts';
import { recipes as verifyPlatforms } from './verify/platforms.ts';
import { recipes as verifySignatures } from './verify/signatures.ts';

/** Path from the top of the repository to the recipes of that file: `'conformance/recipes/tree.ts': tree`. */
export const recipes: Readonly<Record<string, readonly Recipe[]>> = {
  'conformance/recipes/cmdline/parse.ts': cmdlineParse,
  'conformance/recipes/dumpfile/canonical.ts': dumpfileCanonical,
  'conformance/recipes/dumpfile/readings.ts': dumpfileReadings,
  'conformance/recipes/dumpfile/refused-content.ts': dumpfileRefusedContent,
  'conformance/recipes/dumpfile/refused-lines.ts': dumpfileRefusedLines,
  'conformance/recipes/dumpfile/refused-paths.ts': dumpfileRefusedPaths,
  'conformance/recipes/erofs/algorithms.ts': erofsAlgorithms,
  'conformance/recipes/erofs/directories.ts': erofsDirectories,
  'conformance/recipes/erofs/files.ts': erofsFiles,
  'conformance/recipes/erofs/format-v0.ts': erofsFormatV0,
  'conformance/recipes/erofs/format-v2.ts': erofsFormatV2,
  'conformance/recipes/erofs/order.ts': erofsOrder,
  'conformance/recipes/erofs/overlay.ts': erofsOverlay,
  'conformance/recipes/erofs/read.ts': erofsRead,
  'conformance/recipes/erofs/read-v2.ts': erofsReadV2,
  'conformance/recipes/erofs/refused-directories.ts': erofsRefusedDirectories,
  'conformance/recipes/erofs/refused-images.ts': erofsRefusedImages,
  'conformance/recipes/erofs/xattrs.ts': erofsXattrs,
  'conformance/recipes/fsverity.ts': fsverity,
  'conformance/recipes/fsverity-optional.ts': fsverityOptional,
  'conformance/recipes/image/blobs.ts': imageBlobs,
  'conformance/recipes/image/choice.ts': imageChoice,
  'conformance/recipes/image/documents.ts': imageDocuments,
  'conformance/recipes/image/formats.ts': imageFormats,
  'conformance/recipes/image/layers.ts': imageLayers,
  'conformance/recipes/layers/archive.ts': layersArchive,
  'conformance/recipes/layers/compressed-blocks.ts': layersCompressedBlocks,
  'conformance/recipes/layers/compression.ts': layersCompression,
  'conformance/recipes/layers/expansion.ts': layersExpansion,
  'conformance/recipes/layers/extended.ts': layersExtended,
  'conformance/recipes/layers/families.ts': layersFamilies,
  'conformance/recipes/layers/headers.ts': layersHeaders,
  'conformance/recipes/layers/names.ts': layersNames,
  'conformance/recipes/merge/content.ts': mergeContent,
  'conformance/recipes/merge/entries.ts': mergeEntries,
  'conformance/recipes/merge/links.ts': mergeLinks,
  'conformance/recipes/merge/own.ts': mergeOwn,
  'conformance/recipes/merge/whiteouts.ts': mergeWhiteouts,
  'conformance/recipes/transform/bootable.ts': transformBootable,
  'conformance/recipes/transform/oci.ts': transformOci,
  'conformance/recipes/seal/artifact.ts': sealArtifact,
  'conformance/recipes/seal/indexes.ts': sealIndexes,
  'conformance/recipes/seal/inline.ts': sealInline,
  'conformance/recipes/seal/platforms.ts': sealPlatforms,
  'conformance/recipes/seal/signed.ts': sealSigned,
  'conformance/recipes/verify/artifacts.ts': verifyArtifacts,
  'conformance/recipes/verify/boot.ts': verifyBoot,
  'conformance/recipes/verify/inline.ts': verifyInline,
  'conformance/recipes/verify/platforms.ts': verifyPlatforms,
  'conformance/recipes/verify/signatures.ts': verifySignatures,
};
